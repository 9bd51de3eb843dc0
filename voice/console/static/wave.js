// The envelope of one direction of one leg: peaks pale, the root mean square full.
import { make } from "./dom.js";
import { height } from "./format.js";

export class Wave {
  constructor(name, way) {
    this.way = way;
    this.canvas = make("canvas", { class: `wave ${way}`, role: "img", "aria-label": name });
  }

  draw(picture, from, to) {
    const { canvas } = this, scale = devicePixelRatio || 1, width = Math.round(canvas.clientWidth * scale), tall = Math.round(canvas.clientHeight * scale);
    if (!width || !tall) return;
    if (canvas.width !== width || canvas.height !== tall) Object.assign(canvas, { width, height: tall });
    const context = canvas.getContext("2d"), step = (to - from) / width, bar = Math.max(1, Math.round(scale));
    context.clearRect(0, 0, width, tall);
    context.fillStyle = getComputedStyle(canvas).color;
    for (let x = 0; picture && x < width; x += bar) {
      const { peak, power } = picture.loudest(this.way, from + x * step, from + (x + bar) * step);
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
