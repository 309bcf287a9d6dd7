#include "engine/schema/uri.h"

namespace carillon::schema {
namespace {

/// RFC 3986, 5.2.4.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  std::string in(path);
  auto drop_last = [&out] {
    const auto slash = out.rfind('/');
    out.erase(slash == std::string::npos ? 0 : slash);
  };
  std::size_t at = 0;
  auto rest = [&] { return std::string_view(in).substr(at); };
  while (at < in.size()) {
    if (rest().starts_with("../")) at += 3;
    else if (rest().starts_with("./")) at += 2;
    else if (rest().starts_with("/./")) at += 2;
    else if (rest() == "/.") {
      in[at + 1] = '/';
      ++at;
    } else if (rest().starts_with("/../")) {
      at += 3;
      drop_last();
    } else if (rest() == "/..") {
      in[at + 2] = '/';
      at += 2;
      drop_last();
    } else if (rest() == "." || rest() == "..") {
      at = in.size();
    } else {
      auto next = in.find('/', at + 1);
      if (next == std::string::npos) next = in.size();
      out.append(in, at, next - at);
      at = next;
    }
  }
  return out;
}

std::string merge_paths(const UriParts& base, const std::string& reference) {
  if (base.authority && base.path.empty()) return "/" + reference;
  const auto slash = base.path.rfind('/');
  return slash == std::string::npos ? reference : base.path.substr(0, slash + 1) + reference;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

UriParts split_uri(std::string_view text) {
  UriParts out;
  if (auto hash = text.find('#'); hash != std::string_view::npos) {
    out.fragment = std::string(text.substr(hash + 1));
    text = text.substr(0, hash);
  }
  if (auto mark = text.find('?'); mark != std::string_view::npos) {
    out.query = std::string(text.substr(mark + 1));
    text = text.substr(0, mark);
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && colon > 0 && text.find('/') > colon) {
    out.scheme = std::string(text.substr(0, colon));
    text = text.substr(colon + 1);
  }
  if (text.starts_with("//")) {
    const auto slash = text.find('/', 2);
    out.authority = std::string(text.substr(2, slash == std::string_view::npos ? slash : slash - 2));
    text = slash == std::string_view::npos ? std::string_view{} : text.substr(slash);
  }
  out.path = std::string(text);
  return out;
}

std::string join_uri(const UriParts& parts) {
  std::string out;
  if (parts.scheme) out += *parts.scheme + ":";
  if (parts.authority) out += "//" + *parts.authority;
  out += parts.path;
  if (parts.query) out += "?" + *parts.query;
  if (parts.fragment) out += "#" + *parts.fragment;
  return out;
}

std::string resolve_uri(std::string_view base_text, std::string_view reference_text) {
  UriParts reference = split_uri(reference_text);
  const UriParts base = split_uri(base_text);
  UriParts out;
  out.fragment = reference.fragment;
  if (reference.scheme) {
    out = reference;
    if (out.path.starts_with('/')) out.path = remove_dot_segments(out.path);
    return join_uri(out);
  }
  out.scheme = base.scheme;
  if (reference.authority) {
    out.authority = reference.authority;
    out.path = remove_dot_segments(reference.path);
    out.query = reference.query;
    return join_uri(out);
  }
  out.authority = base.authority;
  if (reference.path.empty()) {
    out.path = base.path;
    out.query = reference.query ? reference.query : base.query;
    return join_uri(out);
  }
  out.path = remove_dot_segments(reference.path.starts_with('/') ? reference.path : merge_paths(base, reference.path));
  out.query = reference.query;
  return join_uri(out);
}

SplitReference split_fragment(std::string_view uri) {
  SplitReference out;
  const auto hash = uri.find('#');
  out.document = std::string(uri.substr(0, hash));
  if (hash == std::string_view::npos) return out;
  const std::string_view raw = uri.substr(hash + 1);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '%' && i + 2 < raw.size() && hex_digit(raw[i + 1]) >= 0 && hex_digit(raw[i + 2]) >= 0) {
      out.fragment += static_cast<char>(hex_digit(raw[i + 1]) * 16 + hex_digit(raw[i + 2]));
      i += 2;
    } else {
      out.fragment += raw[i];
    }
  }
  return out;
}

}  // namespace carillon::schema
