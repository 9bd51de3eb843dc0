// The page of one call, kept up to date while it lives.
import { make } from "./dom.js";
import { Timeline } from "./timeline.js";

export function showCall(view, console_, sid) {
  let over = false, timer = 0, shown = null;
  view.replaceChildren(make("p", { role: "status" }, "Loading …"));
  async function load() {
    const answer = await console_.ask(`/console/calls/${sid}?have=${shown ? shown.call.lines.length : ""}`);
    if (over) return;
    if (answer && answer.lines && shown) shown.update(answer);
    else if (answer && answer.lines) {
      shown = new Timeline(answer);
      view.replaceChildren(make("p", {}, make("a", { href: `/console/calls/${sid}/file`, download: `${sid}.html` }, "Save as a file")), shown.element);
    }
    if (!shown) view.replaceChildren(make("p", { role: "alert" }, "There is no journal of this call."));
    else if (shown.call.live) timer = setTimeout(load, 700);
  }
  load();
  return () => { over = true; clearTimeout(timer); };
}
