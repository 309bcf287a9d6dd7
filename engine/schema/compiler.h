#pragma once
#include <functional>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "engine/schema/program.h"
#include "engine/schema/registry.h"

namespace carillon::schema {

Error schema_error(std::string reason, std::string message, std::string pointer, std::string value, std::string remedy);

/// How deep a document nests; counted without recursion, stops at `limit` + 1.
int nesting_depth(const Json& document, int limit);

/// Fails with SCHEMA_TOO_DEEP.
Status check_nesting(const Json& document, int limit, const std::string& pointer);

/// Turns documents into a Program. Used once per schema; see Schema::compile for what it promises.
class Compiler {
 public:
  Compiler(Program& program, const CompileOptions& options) : program_(program), options_(options) {}
  /// Compiles program.document.
  Status run();

 private:
  struct Job {
    const Json* schema;
    Node* node;
  };

  Result<Reading> reading_of(const Json& document, const Reading* inherited, const std::string& pointer) const;
  Result<Reading> custom_reading(const Json& named, const std::string& pointer) const;
  Dialect guess_dialect(const Json& document) const;
  Status check_document(const Json& document, const Reading& reading, const std::string& pointer) const;
  Status load(const std::string& uri, const Reading& wanted_by, const std::string& pointer);
  Status compile_all();
  Status compile_dynamic_anchors();
  Status compile_node(const Json& schema, Node& node);
  Result<const Node*> reference(const Json& ref, const Node& from, const char* keyword, Registry::Target* target = nullptr);
  Status dynamic_reference(const Json& ref, Node& node);
  const Node* node_for(const Json& schema, const Place& place);
  const Node* child(const Json& schema) { return node_for(schema, registry_.place_of(&schema)); }

  Status refuse_unchecked_keywords(const Json& schema, const Node& node, const Reading& reading) const;
  Status values(const Json& schema, Node& node);
  Status strings(const Json& schema, Node& node, const Reading& reading);
  void numbers(const Json& schema, Node& node);
  void arrays(const Json& schema, Node& node, const Reading& reading);
  void contains(const Json& schema, ArrayRules& rules, const Reading& reading);
  Status objects(const Json& schema, Node& node, const Reading& reading);
  void dependents(const Json& schema, ObjectRules& rules, const Reading& reading);
  Status in_place(const Json& schema, Node& node, const Reading& reading);
  Result<const Regex*> regex(const std::string& pattern, std::string pointer);
  void finish_node(Node& node) const;

  /// Finds references that come back to where they started without consuming anything.
  Status refuse_loops() const;
  /// Lets parents of a node that is nothing but a reference point to its target.
  void skip_plain_references();
  void find_discriminators();
  void find_marks();

  Program& program_;
  const CompileOptions& options_;
  Registry registry_;
  std::unordered_map<const Json*, Node*> nodes_;
  std::deque<Job> jobs_;
  std::unordered_map<std::string, const Regex*> regexes_;
  std::vector<DynamicReference*> dynamic_references_;
};

/// Calls `visit(const Node*&)` for every subschema a node points to; with `in_place_only` those of the same value.
template <class F>
void each_edge(Node& n, bool in_place_only, F&& visit) {
  const auto one = [&](const Node*& p) {
    if (p) visit(p);
  };
  if (n.in_place) {
    InPlace& p = *n.in_place;
    one(p.ref);
    for (auto& b : p.all_of) one(b);
    for (Choice* c : {p.any_of.get(), p.one_of.get()})
      if (c)
        for (auto& b : c->branches) one(b);
    one(p.negated);
    one(p.if_);
    one(p.then_);
    one(p.else_);
    if (p.dynamic_ref && !in_place_only) one(p.dynamic_ref->fallback);
  }
  if (n.objects)
    for (auto& [name, b] : n.objects->dependent_schemas) one(b);
  if (in_place_only) return;
  if (n.objects) {
    for (auto& p : n.objects->properties) one(p.node);
    for (auto& p : n.objects->patterns) one(p.node);
    one(n.objects->additional);
    one(n.objects->names);
  }
  if (n.arrays) {
    for (auto& p : n.arrays->prefix) one(p);
    one(n.arrays->rest);
    one(n.arrays->contains);
  }
  one(n.unevaluated_items);
  one(n.unevaluated_properties);
}

}  // namespace carillon::schema
