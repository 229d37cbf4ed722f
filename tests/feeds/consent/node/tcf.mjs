// TC strings of the official encoder, @iabtechlabtcf/core, each with what its own decoder reads from it.
import { GVL, PurposeRestriction, TCModel, TCString } from "@iabtechlabtcf/core";

const PURPOSES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const FLEXIBLE = [2, 7, 8, 9, 10, 11];
export const DAY = new Date(Date.UTC(2026, 2, 2));

/** A vendor list, made up: the encoder leaves out vendors and restrictions that its list does not allow. */
function vendorList(policy, vendors) {
  const text = (id) => ({ id, name: `n${id}`, description: "", illustrations: [] });
  const vendor = (id) => ({
    id, name: `v${id}`, purposes: PURPOSES, legIntPurposes: FLEXIBLE, flexiblePurposes: FLEXIBLE,
    specialPurposes: [], features: [], specialFeatures: [1],
  });
  const listed = (ids, make) => Object.fromEntries(ids.map((id) => [id, make(id)]));
  return new GVL({
    gvlSpecificationVersion: 3, vendorListVersion: 100, tcfPolicyVersion: policy, lastUpdated: DAY.toISOString(),
    purposes: listed(PURPOSES, text), specialPurposes: {}, features: {}, specialFeatures: listed([1, 2], text),
    stacks: {}, vendors: listed(vendors, vendor),
  });
}

const ids = (vector) => [...vector.values()].sort((a, b) => a - b);

/** Encode one string: what is not named is empty, and without disclosed vendors there is no segment for them. */
function tcString(put) {
  const { vendors = [], interests = [], disclosed = null, restrictions = [] } = put;
  const known = new Set([1, ...vendors, ...interests, ...(disclosed ?? []), ...restrictions.flatMap((one) => one[2])]);
  const model = new TCModel(vendorList(put.policy, [...known].sort((a, b) => a - b)));
  model.cmpId = 10;
  model.cmpVersion = 2;
  model.publisherCountryCode = "DE";
  model.created = DAY;
  model.lastUpdated = DAY;
  model.purposeConsents.set(put.purposes ?? []);
  model.specialFeatureOptins.set(put.features ?? []);
  model.publisherConsents.set(put.publisher ?? []);
  model.vendorConsents.set(vendors);
  model.vendorLegitimateInterests.set(interests);
  model.vendorsDisclosed.set(disclosed ?? []);
  for (const [purpose, kind, restricted] of restrictions) {
    for (const id of restricted) model.publisherRestrictions.add(id, new PurposeRestriction(purpose, kind));
  }
  const segments = put.segments ?? (disclosed === null ? ["core"] : ["core", "vendorsDisclosed"]);
  const string = TCString.encode(model, { segments });
  const read = TCString.decode(string);
  const barred = read.publisherRestrictions;
  return {
    framework: "tcf", string, policy: read.policyVersion,
    purposes: ids(read.purposeConsents), features: ids(read.specialFeatureOptins), vendors: ids(read.vendorConsents),
    disclosed: segments.includes("vendorsDisclosed") ? ids(read.vendorsDisclosed) : null,
    restrictions: barred.getRestrictions().map((one) => [one.purposeId, one.restrictionType, barred.getVendors(one)]),
  };
}

const span = (first, last, step = 1) =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);

/** Lists of vendors that the encoder writes as bits, and ones that it writes as ranges. */
const FEW = [[], [1], [7], [1, 2, 3, 7], [3, 900], [1, ...span(600, 640)]];
const MORE = [...FEW, span(1, 200), span(1, 400, 2), [7, ...span(600, 900)], span(2, 65), [65535]];

export function* tcfStrings(few) {
  const all = { policy: 5, purposes: PURPOSES, features: [1, 2], vendors: [1, 7], disclosed: [1, 7] };
  for (const policy of [2, 3, 4, 5]) {
    yield tcString({ policy });
    yield tcString({ ...all, policy });
    yield tcString({ ...all, policy, disclosed: null });
    yield tcString({ ...all, policy, disclosed: [] });
    yield tcString({ ...all, policy, publisher: [1, 9], segments: ["core", "vendorsDisclosed", "publisherTC"] });
    yield tcString({ ...all, policy, publisher: [1, 9], segments: ["core", "publisherTC", "vendorsDisclosed"] });
  }
  for (const policy of [1, 6, 63]) yield tcString({ ...all, policy });
  // Every combination of purposes and special features; a handful where few are asked for.
  for (let mask = 0; mask < 1 << 13; mask += few ? 613 : 1) {
    const features = [1, 2].filter((id) => (mask >> (id - 1)) & 1);
    const purposes = PURPOSES.filter((id) => (mask >> (id + 1)) & 1);
    yield tcString({ ...all, features, purposes });
  }
  for (const vendors of few ? FEW : MORE) {
    for (const disclosed of few ? [[7]] : MORE) {
      yield tcString({ ...all, vendors, interests: span(1, 50, 7), disclosed });
      yield tcString({ ...all, vendors: disclosed, disclosed: vendors });
    }
  }
  for (const kind of [0, 1, 2]) {
    for (const purpose of few ? [1, 9] : [1, 2, 9, 10]) {
      for (const restricted of few ? [[7], [3, 5, 6]] : [[7], [1], [1, 7], span(5, 9), span(8, 300), [3, 5, 9, 200]]) {
        yield tcString({ ...all, restrictions: [[purpose, kind, restricted]] });
        if (few) continue;
        yield tcString({ ...all, restrictions: [[10, 0, [7]], [purpose, kind, restricted], [2, 1, [1, 2]]] });
      }
    }
  }
}
