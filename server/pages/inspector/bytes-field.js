// A field for text that keeps the bytes which it was given: a text area makes every line ending a line
// feed, and shows bytes that are no text as something else.

/** @typedef {{ text: string } | { base64: string }} Bytes */

const MOST = 8_000_000;

/** @param {string} text */
const shown = (text) => text.replace(/\r\n?/g, "\n");

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return btoa(text);
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {{ begins: () => void, changed: () => void, tooLarge: () => void, picker?: HTMLInputElement }} options
 */
export function bytesField(area, { begins, changed, tooLarge, picker }) {
  /** @type {{ shown: string, bytes: Bytes } | null} What was given, as long as the area shows it. */
  let kept = null;

  /** @param {File} file */
  async function take(file) {
    if (file.size > MOST) return tooLarge();
    begins();
    const bytes = new Uint8Array(await file.arrayBuffer());
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    area.value = text;
    kept = { shown: area.value, bytes: { base64: base64(bytes) } };
    changed();
  }

  area.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const isAll = area.selectionStart === 0 && area.selectionEnd === area.value.length;
    kept = isAll && text !== "" ? { shown: shown(text), bytes: { text } } : null;
  });
  area.addEventListener("input", changed);
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    area.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    const text = event.dataTransfer?.getData("text/plain") ?? "";
    if (!file && text === "") return;
    event.preventDefault();
    if (file) void take(file);
    else set(text);
  });
  picker?.addEventListener("change", () => {
    const file = picker.files?.[0];
    if (file) void take(file);
    picker.value = "";
  });

  /** @param {string} text */
  function set(text) {
    area.value = text;
    kept = { shown: area.value, bytes: { text } };
    changed();
  }

  return {
    area,
    set,
    /** @returns {Bytes} */
    bytes: () => (kept?.shown === area.value ? kept.bytes : { text: area.value }),
    isEmpty: () => area.value === "" && kept?.shown !== "",
    clear: () => {
      area.value = "";
      kept = null;
    },
  };
}

/** @typedef {ReturnType<typeof bytesField>} BytesField */
