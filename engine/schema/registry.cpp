#include "engine/schema/registry.h"

#include "engine/schema/metaschema.h"
#include "engine/schema/uri.h"

namespace carillon::schema {
namespace {

/// The `$id` that changes the base URI of a schema, if it has one.
const std::string* base_id(const Json& schema, Dialect dialect) {
  if (!schema.is_object()) return nullptr;
  // Draft-07, 8.3: whatever stands beside $ref is ignored.
  if (dialect == Dialect::draft07 && schema.contains("$ref")) return nullptr;
  const auto at = schema.find("$id");
  if (at == schema.end()) return nullptr;
  const auto* id = at->get_ptr<const std::string*>();
  return id == nullptr || id->starts_with('#') ? nullptr : id;
}

std::optional<std::size_t> array_index(const std::string& token) {
  if (token.empty() || token.size() > 9 || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  std::size_t v = 0;
  for (char c : token) {
    if (c < '0' || c > '9') return std::nullopt;
    v = v * 10 + static_cast<std::size_t>(c - '0');
  }
  return v;
}

std::string unescape_token(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) out += token[++i] == '1' ? '/' : '~';
    else out += token[i];
  }
  return out;
}

Error duplicate_name(const std::string& name, const std::string& pointer) {
  return Error{ErrorCode::invalid, "SCHEMA_INVALID", "The name \"" + shorten(name) + "\" is given to two subschemas.", pointer,
               shorten(name), "Give every $id and $anchor once.", {}};
}

}  // namespace

Status Registry::add_document(const Json& document, const std::string& uri, const Reading& reading, bool main, bool trusted) {
  const int resource = resource_count();
  Resource r;
  r.uri = split_fragment(uri).document;
  r.root = &document;
  r.reading = reading;
  r.trusted = trusted;
  by_uri_.emplace(r.uri, resource);
  resources_.push_back(std::move(r));
  return index(document, resource, "", main ? "" : resources_.back().uri + "#");
}

/// Makes an embedded schema with an `$id` a resource of its own.
Status Registry::enter_resource(const Json& schema, int& resource, const std::string& pointer) {
  const Resource& parent = resources_[static_cast<std::size_t>(resource)];
  const std::string* id = base_id(schema, parent.reading.dialect);
  if (id == nullptr) return ok();
  Resource r;
  r.uri = split_fragment(resolve_uri(parent.uri, *id)).document;
  r.root = &schema;
  r.reading = parent.reading;
  r.trusted = parent.trusted;
  if (parent.root != &schema && schema.contains("$schema")) {
    const Json& named = schema.at("$schema");
    const auto dialect = standard_dialect(named.is_string() ? named.get<std::string>() : std::string());
    const bool same = parent.root->is_object() && parent.root->value("$schema", Json()) == named;
    if (dialect) r.reading = Reading{*dialect, kAllVocabularies, parent.reading.assert_formats};
    else if (!same) return unsupported_dialect(named, pointer + "/$schema");
  }
  if (parent.root == &schema) {
    // The root: the $id is the document's own name, beside the one it was loaded by.
    resources_[static_cast<std::size_t>(resource)].uri = r.uri;
    by_uri_.emplace(r.uri, resource);
    return ok();
  }
  resource = resource_count();
  if (!by_uri_.emplace(r.uri, resource).second) return duplicate_name(r.uri, pointer);
  resources_.push_back(std::move(r));
  return ok();
}

Status Registry::index(const Json& schema, int resource, const std::string& pointer, const std::string& prefix) {
  const bool first = places_.emplace(&schema, Place{resource, prefix + pointer}).second;
  if (!first || !schema.is_object()) return ok();
  CARILLON_CHECK(enter_resource(schema, resource, pointer));
  places_[&schema].resource = resource;
  Resource& r = resources_[static_cast<std::size_t>(resource)];
  if (r.root == &schema) prefixes_[&schema] = prefix + pointer;
  const Dialect dialect = r.reading.dialect;
  const auto name = [&](const char* keyword) -> const std::string* {
    const auto at = schema.find(keyword);
    return at == schema.end() ? nullptr : at->get_ptr<const std::string*>();
  };
  if (dialect == Dialect::draft07) {
    const std::string* id = name("$id");
    if (id && id->starts_with('#') && !schema.contains("$ref") && !r.anchors.emplace(id->substr(1), &schema).second)
      return duplicate_name(*id, pointer);
  } else {
    for (const char* keyword : {"$anchor", "$dynamicAnchor"}) {
      const std::string* anchor = name(keyword);
      if (anchor == nullptr) continue;
      const auto [at, added] = r.anchors.emplace(*anchor, &schema);
      if (!added && at->second != &schema) return duplicate_name(*anchor, pointer);
      if (keyword[1] == 'd') r.dynamic_anchors.emplace(*anchor, &schema);
    }
  }
  Status status = ok();
  each_subschema(schema, dialect, [&](const std::string& suffix, const Json& sub) {
    if (status.has_value()) status = index(sub, resource, pointer + suffix, prefix);
  });
  return status;
}

std::string Registry::document_of(int from, const std::string& reference) const {
  return split_fragment(resolve_uri(resource(from).uri, reference)).document;
}

std::optional<Registry::Target> Registry::resolve(int from, const std::string& reference) {
  const SplitReference split = split_fragment(resolve_uri(resource(from).uri, reference));
  int resource_index = from;
  if (split.document != resource(from).uri) {
    const auto at = by_uri_.find(split.document);
    if (at == by_uri_.end()) return std::nullopt;
    resource_index = at->second;
  }
  if (split.fragment.empty() || split.fragment[0] == '/') return by_pointer(resource_index, split.fragment);
  const Resource& r = resource(resource_index);
  const auto anchor = r.anchors.find(split.fragment);
  if (anchor == r.anchors.end()) return std::nullopt;
  Target out{anchor->second, place_of(anchor->second), false, nullptr};
  const auto dynamic = r.dynamic_anchors.find(split.fragment);
  if (dynamic != r.dynamic_anchors.end() && dynamic->second == out.schema) out.dynamic_anchor = &dynamic->first;
  return out;
}

Status Registry::adopt(const Target& target) { return index(*target.schema, target.place.resource, target.place.pointer, ""); }

std::optional<Registry::Target> Registry::by_pointer(int resource_index, const std::string& fragment) {
  const Json* at = resource(resource_index).root;
  int owner = resource_index;
  std::string pointer = prefixes_.contains(at) ? prefixes_[at] : places_.at(at).pointer;
  std::size_t start = 1;
  while (start <= fragment.size() && !fragment.empty()) {
    const auto slash = std::min(fragment.find('/', start), fragment.size());
    const std::string token = unescape_token(std::string_view(fragment).substr(start, slash - start));
    start = slash + 1;
    if (at->is_object()) {
      const auto member = at->find(token);
      if (member == at->end()) return std::nullopt;
      at = &*member;
    } else if (auto i = array_index(token); at->is_array() && i && *i < at->size()) {
      at = &(*at)[*i];
    } else {
      return std::nullopt;
    }
    pointer = pointer_append(pointer, token);
    if (const auto known = places_.find(at); known != places_.end()) owner = known->second.resource;
  }
  if (const auto known = places_.find(at); known != places_.end()) return Target{at, known->second, false, nullptr};
  // A schema where no keyword expects one; names inside it are none until it is adopted as a schema.
  return Target{at, Place{owner, pointer}, true, nullptr};
}

}  // namespace carillon::schema
