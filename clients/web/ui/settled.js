/** What a listener made of a program: each knob that was turned stands at its last value from the start. */

/** @typedef {Record<string, number | string>} Values by address */

/** @param {any} program @param {Values} values @returns {any} a program that can be kept and shared */
export function settled(program, values) {
  const made = structuredClone(program);
  for (const [address, value] of Object.entries(values)) turn(made, address, value);
  return made;
}

/** @param {any} program @param {string} address @param {number | string} value */
function turn(program, address, value) {
  const [place, name] = address.split(".");
  if (address === "output.gain_db") program.output = { ...program.output, gain_db: value };
  else if (place === "am") program.modulation = { ...program.modulation, [name]: value };
  else if (program.layers[place]) turnLayer(program.layers[place], name, value);
}

/** @param {any} layer @param {string} name @param {number | string} value */
function turnLayer(layer, name, value) {
  const band = name.match(/^band_(\d+)_db$/);
  if (band) {
    layer.bands_db ??= Array(10).fill(0);
    layer.bands_db[Number(band[1])] = value;
  } else if (name === "beat_hz") for (const voice of layer.voices ?? []) voice.beat_hz = value;
  else layer[name] = value;
}
