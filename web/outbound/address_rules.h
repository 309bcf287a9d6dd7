#pragma once
#include <string>
#include <string_view>

struct sockaddr;

namespace carillon {

/// Whether an address belongs to the public internet: not loopback, link-local (cloud metadata lives there), private,
/// shared (RFC 6598), documentation, benchmarking, multicast or reserved, by the IANA special-purpose registries
/// (RFC 6890 and updates). IPv4 inside IPv6 (mapped, NAT64, 6to4) is judged by the IPv4 address.
bool is_public_address(const sockaddr& address);
/// The same for "10.0.0.1" or "fe80::1"; false for anything that is not an address.
bool is_public_address(std::string_view text);

/// Whether an address lies in "10.1.0.0/16", "fd00::/8" or is "10.1.0.7"; false for a text that is no range.
bool address_in_range(const sockaddr& address, std::string_view range);

/// "10.0.0.1", for messages.
std::string address_text(const sockaddr& address);

}  // namespace carillon
