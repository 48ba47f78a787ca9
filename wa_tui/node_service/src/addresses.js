import { BlockList, isIP } from 'node:net';

/** IPv4: everything but IANA's special-purpose registry, of which nothing serves files, and multicast. */
// prettier-ignore
const SPECIAL_V4 = blocks('ipv4', [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24',
  '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24',
  '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
]);
/** IPv6: the one block that IANA gives unicast addresses from. What wraps an IPv4 address (mapped, translated) is outside. */
const UNICAST_V6 = blocks('ipv6', ['2000::/3']);
/** What is special inside of it: protocol assignments (Teredo, benchmarks, ORCHID …), 6to4, AS112 and documentation. */
const SPECIAL_V6 = blocks('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']);

/**
 * Whether an address is one of the public internet. What no registry gives out for that is not, known or not.
 * @param {string} address
 */
export function isPublic(address) {
  const family = isIP(address);
  if (family === 4) return !SPECIAL_V4.check(address);
  // A zone (`%eth0`) belongs to an address of this link.
  if (family !== 6 || address.includes('%')) return false;
  return UNICAST_V6.check(address, 'ipv6') && !SPECIAL_V6.check(address, 'ipv6');
}

function blocks(family, networks) {
  const list = new BlockList();
  for (const network of networks) {
    const [first, bits] = network.split('/');
    list.addSubnet(first, Number(bits), family);
  }
  return list;
}
