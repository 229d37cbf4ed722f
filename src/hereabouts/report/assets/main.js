// Starts the maps that have something to show, and says so where they cannot run.

function trouble(problem) {
  const notice = document.getElementById("trouble");
  notice.textContent = `The maps could not be drawn in this browser (${problem}). All that is said in words, and the tables, are below.`;
  notice.hidden = false;
  for (const tool of document.querySelectorAll(".interactive")) tool.hidden = true;
}

async function start(name, Kind, ...statistics) {
  const entries = model.levels.filter((entry) => statistics.includes(entry.statistic) && entry.rows > 0);
  const tool = document.getElementById(`${name}-tool`);
  if (!tool || !entries.length) return;
  tool.hidden = false;
  await new Kind(entries).start();
}

if (!("DecompressionStream" in window)) trouble("it is older than 2023");
else {
  start("presence", PresenceMap, "presence", "visitors")
    .then(() => start("flows", FlowMap, "flows"))
    .then(() => document.documentElement.setAttribute("data-ready", "yes"))
    .catch((problem) => {
      trouble(problem.message);
      throw problem;
    });
}
