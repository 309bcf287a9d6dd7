#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/schema/keywords.h"

namespace carillon::schema {

/// A document or an embedded schema with an `$id`: what URIs name.
struct Resource {
  std::string uri;  ///< without fragment; "" for a document without a name
  const Json* root = nullptr;
  Reading reading;
  bool trusted = false;  ///< a metaschema of the standard
  std::map<std::string, const Json*, std::less<>> anchors;
  std::map<std::string, const Json*, std::less<>> dynamic_anchors;
};

/// Where a subschema stands.
struct Place {
  int resource = 0;
  std::string pointer;  ///< from the root of its document; with the document's URI and '#' in front unless it is the main one
};

/// Every subschema of the documents loaded so far, and what names they have.
class Registry {
 public:
  /// `main` marks the document whose pointers are given without a URI.
  Status add_document(const Json& document, const std::string& uri, const Reading& reading, bool main, bool trusted);

  struct Target {
    const Json* schema = nullptr;
    Place place;
    bool fresh = false;  ///< stands where no keyword expects a schema; was not known before
    const std::string* dynamic_anchor = nullptr;  ///< the reference's fragment names this dynamic anchor
  };
  /// The document a reference needs, without fragment.
  std::string document_of(int from_resource, const std::string& reference) const;
  bool has_resource(const std::string& uri) const { return by_uri_.contains(uri); }
  /// Resolves within what is loaded; nothing if there is no such thing.
  std::optional<Target> resolve(int from_resource, const std::string& reference);

  /// Records a fresh target and what is inside it as subschemas.
  Status adopt(const Target& target);

  const Place& place_of(const Json* schema) const { return places_.at(schema); }
  const Resource& resource(int i) const { return resources_[static_cast<std::size_t>(i)]; }
  int resource_count() const { return static_cast<int>(resources_.size()); }

 private:
  Status index(const Json& schema, int resource, const std::string& pointer, const std::string& prefix);
  Status enter_resource(const Json& schema, int& resource, const std::string& pointer);
  std::optional<Target> by_pointer(int resource, const std::string& fragment);

  std::vector<Resource> resources_;
  std::map<std::string, int, std::less<>> by_uri_;
  std::unordered_map<const Json*, Place> places_;
  /// Pointers from a resource's root to the document's, for places found later.
  std::unordered_map<const Json*, std::string> prefixes_;
};

}  // namespace carillon::schema
