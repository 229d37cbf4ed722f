// Prints strings of the official encoders with what was put into them, one JSON object a line.
// `node strings.mjs few > ../strings.jsonl` makes the file that is tested where there is no node; with `all` there are
// thousands.
import { gppStrings } from "./gpp.mjs";
import { tcfStrings } from "./tcf.mjs";

const few = process.argv[2] !== "all";
for (const one of [...tcfStrings(few), ...gppStrings(few)]) console.log(JSON.stringify(one));
