/**
 * The palettes: one row each, light and dark. Only data carries colour: in every palette negative is
 * an orange and positive a blue, so that the page's words hold in all of them.
 */

/** @import { Palette, Theme } from "./types.js" */

/** @typedef {[number, number, number]} Rgb */

/**
 * @typedef {object} Stops what pictures are coloured by, from the middle outwards
 * @property {Rgb[]} negative
 * @property {Rgb} neutral
 * @property {Rgb[]} positive
 */

/**
 * @typedef {object} Ink what is drawn over pictures and around them; the page's own colours are in tokens.css
 * @property {string} negative points of that class
 * @property {string} positive
 * @property {string} outline around points, so that they are seen on every colour of the scale
 * @property {string} faint around points whose inside shows a value
 * @property {string} axis
 * @property {string} text
 * @property {string} grid
 * @property {string} train
 * @property {string} test
 * @property {string} surface
 * @property {string} strong
 */

/**
 * @typedef {object} PaletteRow
 * @property {number} lines how thick lines are, in times the usual
 * @property {Record<Theme, { stops: Stops, ink: Ink }>} themes
 */

/** @type {Record<Palette, PaletteRow>} */
export const PALETTES = {
  orange_blue: {
    lines: 1,
    themes: {
      light: {
        stops: {
          negative: [
            [253, 220, 181],
            [248, 164, 82],
            [226, 103, 16],
          ],
          neutral: [246, 246, 244],
          positive: [
            [199, 222, 244],
            [106, 169, 221],
            [20, 99, 176],
          ],
        },
        ink: {
          negative: "#c2410c",
          positive: "#0b5cad",
          outline: "#ffffff",
          faint: "#5b6474",
          axis: "#3b4250",
          text: "#3b4250",
          grid: "#dfe3ea",
          train: "#0f8a7e",
          test: "#a8267f",
          surface: "#ffffff",
          strong: "#14171d",
        },
      },
      dark: {
        stops: {
          negative: [
            [86, 56, 33],
            [176, 95, 28],
            [255, 150, 56],
          ],
          neutral: [30, 34, 42],
          positive: [
            [31, 62, 94],
            [38, 112, 181],
            [92, 178, 255],
          ],
        },
        ink: {
          negative: "#ffa550",
          positive: "#6bb8ff",
          outline: "#0d1016",
          faint: "#8f9aab",
          axis: "#b9c1cf",
          text: "#c3cad6",
          grid: "#2c333f",
          train: "#35d0bf",
          test: "#ff7cc8",
          surface: "#171b22",
          strong: "#f3f5f9",
        },
      },
    },
  },

  // Orange is light and blue is dark, training is at one end of lightness and test in the middle: what a
  // colour-blind eye, or a bad projector, loses in hue is still there in lightness.
  colour_blind_safe: {
    lines: 1.15,
    themes: {
      light: {
        stops: {
          negative: [
            [252, 232, 184],
            [243, 197, 95],
            [230, 159, 0],
          ],
          neutral: [247, 247, 247],
          positive: [
            [190, 211, 234],
            [87, 133, 187],
            [0, 68, 138],
          ],
        },
        ink: {
          negative: "#985a00",
          positive: "#002a55",
          outline: "#ffffff",
          faint: "#4d5563",
          axis: "#3b4250",
          text: "#3b4250",
          grid: "#dfe3ea",
          train: "#00332e",
          test: "#cf5b98",
          surface: "#ffffff",
          strong: "#14171d",
        },
      },
      dark: {
        stops: {
          negative: [
            [92, 72, 34],
            [178, 138, 55],
            [255, 207, 90],
          ],
          neutral: [28, 31, 38],
          positive: [
            [29, 52, 86],
            [36, 84, 148],
            [47, 122, 214],
          ],
        },
        ink: {
          negative: "#ffd877",
          positive: "#4a94ea",
          outline: "#0d1016",
          faint: "#9aa4b4",
          axis: "#b9c1cf",
          text: "#c3cad6",
          grid: "#2c333f",
          train: "#b4f5ea",
          test: "#e0559f",
          surface: "#171b22",
          strong: "#f3f5f9",
        },
      },
    },
  },

  // Everything at 7:1 and more against its ground; the two of a pair apart in lightness, as above.
  high_contrast: {
    lines: 1.7,
    themes: {
      light: {
        stops: {
          negative: [
            [255, 205, 158],
            [214, 120, 40],
            [145, 64, 0],
          ],
          neutral: [255, 255, 255],
          positive: [
            [176, 208, 245],
            [60, 126, 205],
            [0, 30, 88],
          ],
        },
        ink: {
          negative: "#8e4212",
          positive: "#001f58",
          outline: "#ffffff",
          faint: "#000000",
          axis: "#000000",
          text: "#000000",
          grid: "#8a8a8a",
          train: "#002a24",
          test: "#a21c72",
          surface: "#ffffff",
          strong: "#000000",
        },
      },
      dark: {
        stops: {
          negative: [
            [84, 48, 8],
            [178, 104, 24],
            [255, 203, 104],
          ],
          neutral: [0, 0, 0],
          positive: [
            [10, 48, 92],
            [36, 112, 190],
            [84, 159, 216],
          ],
        },
        ink: {
          negative: "#ffc57c",
          positive: "#629cc9",
          outline: "#000000",
          faint: "#ffffff",
          axis: "#ffffff",
          text: "#ffffff",
          grid: "#7d7d7d",
          train: "#c8fef6",
          test: "#f773bf",
          surface: "#000000",
          strong: "#ffffff",
        },
      },
    },
  },
};
