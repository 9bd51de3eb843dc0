// The envelope of one direction of one leg: peaks pale, the root mean square full.
import { make } from "./dom.js";
import { height, level } from "./format.js";
import { BLOCK_SECONDS } from "./story.js";

export class Wave {
  constructor(name, way) {
    this.way = way;
    this.canvas = make("canvas", { class: `wave ${way}`, role: "img", "aria-label": name });
  }

  // The loudest peak and root mean square between two times, as codes.
  static loudest(batches, way, from, to) {
    let peak = 0, power = 0;
    for (const batch of batches) {
      const codes = batch[way], first = Math.floor((from - batch.at) / BLOCK_SECONDS), last = Math.ceil((to - batch.at) / BLOCK_SECONDS);
      if (last <= 0 || first >= codes.length / 2) continue;
      for (let block = Math.max(0, first); block < Math.min(codes.length / 2, last); block += 1) {
        peak = Math.max(peak, level(codes[2 * block]));
        power = Math.max(power, level(codes[2 * block + 1]));
      }
    }
    return { peak, power };
  }

  draw(batches, from, to) {
    const { canvas } = this, scale = devicePixelRatio || 1, width = Math.round(canvas.clientWidth * scale), tall = Math.round(canvas.clientHeight * scale);
    if (!width || !tall) return;
    if (canvas.width !== width || canvas.height !== tall) Object.assign(canvas, { width, height: tall });
    const context = canvas.getContext("2d"), step = (to - from) / width, bar = Math.max(1, Math.round(scale));
    context.clearRect(0, 0, width, tall);
    context.fillStyle = getComputedStyle(canvas).color;
    const seen = (batches ?? []).filter((batch) => batch.at < to && batch.at + (batch.heard.length / 2) * BLOCK_SECONDS > from);
    for (let x = 0; x < width; x += bar) {
      const { peak, power } = Wave.loudest(seen, this.way, from + x * step, from + (x + bar) * step);
      for (const [code, alpha] of [[peak, 0.35], [power, 1]]) {
        const half = Math.max(code ? 1 : 0, (height(code) * tall) / 2);
        context.globalAlpha = alpha;
        context.fillRect(x, tall / 2 - half, bar, 2 * half);
      }
    }
    context.globalAlpha = 0.5;
    context.fillRect(0, Math.floor(tall / 2), width, 1);
  }
}
