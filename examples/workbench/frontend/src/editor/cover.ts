// Draws the cover picture of a document, tile by tile.

import { type JobOptions, renderCover } from "../shared/api";
import { button, el } from "../shared/dom";

/** Twice as many pixels as an editor shows at first, for sharp screens. */
const WIDTH = 1200;
const HEIGHT = 500;

/** What became of a picture. */
export interface Drawn {
  tiles: number;
  pixels: number;
  seconds: number;
}

/** The picture above the text, which grows tile by tile. */
export class Cover {
  readonly #figure: HTMLElement;
  readonly #canvas = el("canvas", "");
  readonly #pen: CanvasRenderingContext2D;

  constructor(figure: HTMLElement) {
    const pen = this.#canvas.getContext("2d");
    if (!pen) throw new Error("This webview has no canvas.");
    this.#pen = pen;
    this.#figure = figure;
    this.#canvas.width = WIDTH;
    this.#canvas.height = HEIGHT;
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", "Cover of the document");
    figure.append(
      this.#canvas,
      button("Remove", "", () => (figure.hidden = true)),
    );
  }

  /** Draws the tiles as they come. Whatever ends it, what was drawn stays. */
  async render(text: string, options: JobOptions): Promise<Drawn> {
    const begin = performance.now();
    this.#pen.clearRect(0, 0, WIDTH, HEIGHT);
    this.#figure.hidden = false;
    this.#figure.dataset["tiles"] = "0";
    const order = { text, width: WIDTH, height: HEIGHT };
    let count = 0;
    for await (const tile of renderCover(order, options)) {
      this.#draw(tile);
      this.#figure.dataset["tiles"] = String(++count);
    }
    const seconds = (performance.now() - begin) / 1000;
    return { tiles: count, pixels: WIDTH * HEIGHT, seconds };
  }

  /** A tile: four little-endian 16-bit numbers (x, y, width, height), then its pixels as RGBA. */
  #draw(tile: ArrayBuffer): void {
    const head = new DataView(tile);
    const [x = 0, y = 0, width = 0, height = 0] = [0, 2, 4, 6].map((at) => head.getUint16(at, true));
    const pixels = new Uint8ClampedArray(tile, 8);
    this.#pen.putImageData(new ImageData(pixels, width, height), x, y);
  }
}
