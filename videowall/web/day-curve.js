// Today by the hour: reported and closed, as two lines (uPlot).

/** uPlot is a classic script of the page. */
const UPlot = /** @type {typeof import("uplot")} */ (/** @type {any} */ (globalThis).uPlot);

const HOURS = 24;

/** @param {string} name of a token */
function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class DayCurve {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    new ResizeObserver(() => this.#build()).observe(place);
    /** @type {{ reported: number, closed: number }[]} */
    this.hours = [];
  }

  /** @param {{ reported: number, closed: number }[]} hours of today that have begun */
  show(hours) {
    this.hours = hours;
    if (this.plot) this.plot.setData(this.#data());
    else this.#build();
  }

  /** Hours that have not begun have no value: the line ends, it does not fall to 0. @returns {import("uplot").AlignedData} */
  #data() {
    const hours = Array.from({ length: HOURS }, (_, hour) => hour);
    const column = (/** @type {"reported" | "closed"} */ key) => hours.map((hour) => this.hours[hour]?.[key] ?? null);
    return [hours, column("reported"), column("closed")];
  }

  #build() {
    const { clientWidth: width, clientHeight: height } = this.place;
    if (width === 0 || height === 0) return;
    this.plot?.destroy();
    const size = Math.round(parseFloat(getComputedStyle(this.place).fontSize));
    const axis = {
      stroke: token("--ink-soft"),
      font: `${size}px ${token("--face")}`,
      grid: { stroke: token("--line"), width: 1 },
      ticks: { show: false },
    };
    this.plot = new UPlot(
      {
        width,
        height,
        padding: [size / 2, size / 2, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: [0, HOURS - 1] },
          y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(4, high ?? 0)] },
        },
        axes: [
          {
            ...axis,
            size: size * 1.5,
            splits: () => [0, 6, 12, 18, 23],
            values: (_, splits) => splits.map((hour) => String(hour)),
          },
          { ...axis, size: size * 2.4, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000], space: size * 2 },
        ],
        series: [
          {},
          { stroke: token("--ink"), width: 4, points: { show: true, size: 8 } },
          { stroke: token("--accent"), width: 4, dash: [12, 8], points: { show: true, size: 8 } },
        ],
      },
      this.#data(),
      this.place,
    );
  }
}
