#include "engine/schema/marks.h"

#include <algorithm>

#include "engine/schema/program.h"

namespace carillon::schema {
namespace {

using Nodes = std::vector<const Node*>;

class MarkWalk {
 public:
  explicit MarkWalk(std::vector<std::string>& out) : out_(out) {}

  void value(Nodes nodes, const Json& v, const std::string& pointer) {
    expand(nodes);
    if (std::ranges::any_of(nodes, &Node::marked)) {
      out_.push_back(pointer);
      return;
    }
    std::erase_if(nodes, [](const Node* n) { return !n->leads_to_mark; });
    if (nodes.empty()) return;
    if (v.is_object())
      for (const auto& [key, member] : v.items()) value(of_member(nodes, key), member, pointer_append(pointer, key));
    if (v.is_array())
      for (std::size_t i = 0; i < v.size(); ++i) value(of_element(nodes, i), v[i], pointer_append(pointer, std::to_string(i)));
  }

 private:
  static void add(Nodes& nodes, const Node* n) {
    if (n && (n->marked || n->leads_to_mark) && std::ranges::find(nodes, n) == nodes.end()) nodes.push_back(n);
  }

  /// Adds what speaks of the same value.
  static void expand(Nodes& nodes) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Node& n = *nodes[i];
      if (n.objects)
        for (const auto& [_, node] : n.objects->dependent_schemas) add(nodes, node);
      if (!n.in_place) continue;
      const InPlace& p = *n.in_place;
      for (const Node* each : {p.ref, p.negated, p.if_, p.then_, p.else_}) add(nodes, each);
      for (const Node* each : p.all_of) add(nodes, each);
      for (const Choice* choice : {p.any_of.get(), p.one_of.get()})
        if (choice)
          for (const Node* each : choice->branches) add(nodes, each);
      if (!p.dynamic_ref) continue;
      add(nodes, p.dynamic_ref->fallback);
      for (const auto& [_, node] : p.dynamic_ref->targets) add(nodes, node);
    }
  }

  static Nodes of_member(const Nodes& nodes, const std::string& key) {
    Nodes out;
    for (const Node* n : nodes) {
      add(out, n->unevaluated_properties);
      if (!n->objects) continue;
      bool described = false;
      for (const Property& p : n->objects->properties) {
        if (p.name != key || !p.node) continue;
        described = true;
        add(out, p.node);
      }
      for (const PatternProperty& p : n->objects->patterns) {
        std::int64_t steps = 100'000;
        // One that takes too long hides rather than shows.
        if (p.regex->search(key, steps) == Match::no) continue;
        described = true;
        add(out, p.node);
      }
      if (!described) add(out, n->objects->additional);
    }
    return out;
  }

  static Nodes of_element(const Nodes& nodes, std::size_t i) {
    Nodes out;
    for (const Node* n : nodes) {
      add(out, n->unevaluated_items);
      if (!n->arrays) continue;
      add(out, i < n->arrays->prefix.size() ? n->arrays->prefix[i] : n->arrays->rest);
      add(out, n->arrays->contains);
    }
    return out;
  }

  std::vector<std::string>& out_;
};

}  // namespace

bool has_marks(const Schema& schema) { return schema.program().marked; }

std::vector<std::string> marked_places(const Schema& schema, const Json& instance) {
  std::vector<std::string> out;
  if (schema.program().marked) MarkWalk(out).value({schema.program().root}, instance, "");
  return out;
}

}  // namespace carillon::schema
