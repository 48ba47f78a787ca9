/** Debian's packages of the libraries that Chromium and Chrome need; most are called as the library. */
const PACKAGES = new Map([
  ['libX11-xcb.so.1', 'libx11-xcb1'],
  ['libX11.so.6', 'libx11-6'],
  ['libatk-1.0.so.0', 'libatk1.0-0'],
  ['libatk-bridge-2.0.so.0', 'libatk-bridge2.0-0'],
  ['libatspi.so.0', 'libatspi2.0-0'],
  ['libdbus-1.so.3', 'libdbus-1-3'],
  ['libglib-2.0.so.0', 'libglib2.0-0'],
  ['libgio-2.0.so.0', 'libglib2.0-0'],
  ['libgobject-2.0.so.0', 'libglib2.0-0'],
  ['libnssutil3.so', 'libnss3'],
  ['libsmime3.so', 'libnss3'],
  ['libpango-1.0.so.0', 'libpango-1.0-0'],
  ['libpangocairo-1.0.so.0', 'libpangocairo-1.0-0'],
]);

/**
 * @param {string} library as the loader names it: `libnss3.so`, `libgbm.so.1`
 * @returns {string | null} the package that has it, null where none is known
 */
export function packageOf(library) {
  const known = PACKAGES.get(library);
  if (known !== undefined) return known;
  const [, name, version] = /^(lib[\w.+-]+?)\.so(?:\.(\d+))?$/.exec(library) ?? [];
  if (name === undefined) return null;
  const separator = version !== undefined && /\d$/.test(name) ? '-' : '';
  return `${name}${separator}${version ?? ''}`.toLowerCase();
}
