/**
 * What somebody answered, at most so much of it: the rest is not waited for.
 * @param {Response} response
 * @param {number} most bytes
 * @returns {Promise<{text: string, whole: boolean}>} rejects as its reading does
 */
export async function textOf(response, most) {
  const chunks = [];
  let room = most;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) break;
  }
  return { text: Buffer.concat(chunks).toString(), whole: room >= 0 };
}
