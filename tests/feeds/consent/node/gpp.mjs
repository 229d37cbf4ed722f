// GPP strings of the official encoder, @iabgpp/cmpapi, each with what its own decoder reads from it.
import { GppModel } from "@iabgpp/cmpapi";
import { DAY } from "./tcf.mjs";

const bits = (ids, length) => Array.from({ length }, (_, i) => ids.includes(i + 1));
const ids = (flags) => flags.flatMap((flag, i) => (flag ? [i + 1] : []));
const ANSWERS = ["SharingNotice", "SaleOptOutNotice", "SaleOptOut", "SharingOptOut", "PersonalDataConsents"];

function setTcf(model, { policy, purposes, features, vendors, disclosed }) {
  model.setFieldValue("tcfeuv2", "PolicyVersion", policy);
  model.setFieldValue("tcfeuv2", "PurposeConsents", bits(purposes, 24));
  model.setFieldValue("tcfeuv2", "SpecialFeatureOptins", bits(features, 12));
  model.setFieldValue("tcfeuv2", "VendorConsents", vendors);
  model.setFieldValue("tcfeuv2", "VendorsDisclosed", disclosed);
  model.setFieldValue("tcfeuv2", "Created", DAY);
}

function setUsnat(model, { version, items, gpc, answers = 0, others = {} }) {
  model.setFieldValue("usnat", "Version", version);
  model.setFieldValue("usnat", "SensitiveDataProcessing", items);
  model.setFieldValue("usnat", "KnownChildSensitiveDataConsents", Array(version === 1 ? 2 : 3).fill(answers));
  for (const field of ANSWERS) model.setFieldValue("usnat", field, answers);
  for (const [field, value] of Object.entries(others)) model.setFieldValue("usnat", field, value);
  model.setFieldValue("usnat", "GpcSegmentIncluded", gpc !== null);
  if (gpc !== null) model.setFieldValue("usnat", "Gpc", gpc);
}

/** Encode one string of the sections that are named. */
function gppString({ usnat, tcf, others = {} }) {
  const model = new GppModel();
  for (const [section, [field, value]] of Object.entries(others)) model.setFieldValue(section, field, value);
  if (tcf) setTcf(model, tcf);
  if (usnat) setUsnat(model, usnat);
  const string = model.encode();
  const read = new GppModel(string);
  const field = (section) => (name) => read.getFieldValue(section, name);
  const [us, eu] = [field("usnat"), field("tcfeuv2")];
  return {
    framework: "gpp", string, ids: read.getSectionIds(),
    usnat: read.hasSection("usnat") ? {
      version: us("Version"), items: us("SensitiveDataProcessing"), gpc: us("GpcSegmentIncluded") ? us("Gpc") : null,
      sale: us("SaleOptOut"), sharing: us("SharingOptOut"), children: us("KnownChildSensitiveDataConsents"),
    } : null,
    tcf: read.hasSection("tcfeuv2") ? {
      policy: eu("PolicyVersion"), purposes: ids(eu("PurposeConsents")), features: ids(eu("SpecialFeatureOptins")),
      vendors: eu("VendorConsents"), disclosed: eu("VendorsDisclosed"), restrictions: [],
    } : null,
  };
}

export function* gppStrings(few) {
  const tcf = { policy: 5, purposes: [1, 2, 9], features: [1], vendors: [1, 2, 3, 7, 300], disclosed: [1, 7] };
  const yes = { version: 2, items: bits([8], 16).map((flag) => (flag ? 2 : 0)), gpc: false };
  for (const version of [1, 2]) {
    for (const gpc of [false, true, null]) {
      for (const item of [0, 1, 2]) {
        for (const [rest, answers] of few ? [[0, 2]] : [[0, 0], [0, 1], [0, 2], [1, 1], [2, 0], [2, 2]]) {
          const items = Array(version === 1 ? 12 : 16).fill(rest);
          items[7] = item;
          yield gppString({ usnat: { version, items, gpc, answers } });
        }
      }
    }
  }
  for (let item = 1; item <= 16; item += few ? 3 : 1) {
    yield gppString({ usnat: { ...yes, items: bits([item], 16).map((flag) => (flag ? 2 : 1)) } });
  }
  for (const version of [1, 2]) {
    const items = yes.items.slice(0, version === 1 ? 12 : 16);
    for (const field of ["SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut"]) {
      for (const value of few ? [1] : [0, 1, 2]) {
        yield gppString({ usnat: { ...yes, version, items, others: { [field]: value } } });
      }
    }
    const children = version === 1 ? 2 : 3;
    for (let child = 1; child <= children; child++) {
      for (const no of few ? [1] : [0, 1, 2]) {
        const said = bits([child], children).map((flag) => (flag ? no : 2));
        yield gppString({ usnat: { ...yes, version, items, others: { KnownChildSensitiveDataConsents: said } } });
      }
    }
  }
  const embedded = [
    tcf, { ...tcf, purposes: [1] }, { ...tcf, features: [2] }, { ...tcf, vendors: [2] }, { ...tcf, disclosed: [2] },
    { ...tcf, policy: 4 }, { ...tcf, policy: 6 },
  ];
  for (const one of embedded) {
    yield gppString({ tcf: one });
    yield gppString({ tcf: one, usnat: yes });
    yield gppString({ tcf: one, usnat: { ...yes, gpc: true } });
  }
  const states = ["usca", "usva", "usco", "usut", "usct", "usfl", "usmt", "usor", "ustx"];
  for (const state of few ? ["usca"] : states) {
    yield gppString({ usnat: yes, others: { [state]: ["SaleOptOut", 1] } });
    yield gppString({ others: { [state]: ["SaleOptOut", 1] } });
  }
  yield gppString({ usnat: yes, others: { uspv1: ["OptOutSale", "Y"] } });
  yield gppString({ tcf, usnat: yes, others: Object.fromEntries(states.map((state) => [state, ["SaleOptOut", 2]])) });
}
