import QRCode from 'qrcode';

let last = { text: null, picture: null };

/**
 * @param {string} text
 * @returns {Promise<string>} a PNG as a data URL
 */
export async function qrPicture(text) {
  // A webhook and those who look ask for the same code one after the other.
  if (last.text !== text) last = { text, picture: QRCode.toDataURL(text) };
  return last.picture;
}
