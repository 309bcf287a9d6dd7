#include "engine/schema/compiler.h"

namespace carillon::schema {
namespace {

/// The node that a chain of plain references ends at.
const Node* behind_references(const Node* n) {
  for (int i = 0; i < 64 && n->in_place && n->in_place->ref && !n->objects; ++i) n = n->in_place->ref;
  return n;
}

bool is_plain_reference(const Node& n) {
  if (!n.in_place || !n.in_place->ref || n.types != kAnyType || n.tracks || n.marked) return false;
  if (n.enum_values || n.const_value || n.strings || n.numbers || n.arrays || n.objects) return false;
  const InPlace& p = *n.in_place;
  return !p.dynamic_ref && p.all_of.empty() && !p.any_of && !p.one_of && !p.negated && !p.if_;
}

const ValueSet* member_values(const Node* branch, const std::string& name) {
  branch = behind_references(branch);
  if (!branch->objects) return nullptr;
  for (const Property& p : branch->objects->properties) {
    if (p.name != name || !p.node) continue;
    const Node* value = behind_references(p.node);
    return value->const_value ? value->const_value.get() : value->enum_values.get();
  }
  return nullptr;
}

/// A member with const or enum in every branch; one that const tells apart is preferred.
std::unique_ptr<Discriminator> discriminator_of(const Choice& choice) {
  if (choice.branches.size() < 2) return nullptr;
  const Node* first = behind_references(choice.branches[0]);
  if (!first->objects) return nullptr;
  std::unique_ptr<Discriminator> best;
  for (const Property& p : first->objects->properties) {
    if (!p.node || !member_values(choice.branches[0], p.name)) continue;
    auto candidate = std::make_unique<Discriminator>();
    candidate->name = p.name;
    bool all_const = true;
    for (const Node* branch : choice.branches) {
      const ValueSet* values = member_values(branch, p.name);
      if (values == nullptr) break;
      all_const = all_const && values->is_const;
      candidate->values.push_back(values);
    }
    if (candidate->values.size() != choice.branches.size()) continue;
    if (all_const) return candidate;
    if (!best) best = std::move(candidate);
  }
  return best;
}

}  // namespace

Status Compiler::refuse_loops() const {
  enum class Color : std::uint8_t { white, grey, black };
  std::unordered_map<const Node*, Color> colors;
  struct Frame {
    const Node* node;
    std::vector<const Node*> next;
  };
  const auto open = [](const Node* n) {
    Frame f{n, {}};
    each_edge(const_cast<Node&>(*n), true, [&](const Node*& to) { f.next.push_back(to); });
    return f;
  };
  for (const Node& start : program_.nodes) {
    if (colors[&start] != Color::white) continue;
    std::vector<Frame> stack{open(&start)};
    colors[&start] = Color::grey;
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next.empty()) {
        colors[top.node] = Color::black;
        stack.pop_back();
        continue;
      }
      const Node* to = top.next.back();
      top.next.pop_back();
      if (colors[to] == Color::grey)
        return schema_error("SCHEMA_REF_LOOP", "The subschema refers back to itself without looking into the value.", to->pointer, "",
                            "Let the reference stand under properties or items, or remove it.");
      if (colors[to] == Color::black) continue;
      colors[to] = Color::grey;
      stack.push_back(open(to));
    }
  }
  return ok();
}

void Compiler::skip_plain_references() {
  // With dynamic references the way matters, not only the end.
  if (program_.dynamic) return;
  // The end of every chain walked, so that long chains are walked once.
  std::unordered_map<const Node*, const Node*> ends;
  std::vector<const Node*> walked;
  const auto skip = [&](const Node*& n) {
    walked.clear();
    while (is_plain_reference(*n)) {
      if (const auto known = ends.find(n); known != ends.end()) {
        n = known->second;
        break;
      }
      walked.push_back(n);
      n = n->in_place->ref;
    }
    for (const Node* w : walked) ends[w] = n;
  };
  for (Node& n : program_.nodes) each_edge(n, false, skip);
  skip(program_.root);
}

void Compiler::find_marks() {
  std::vector<Node*> found;
  for (Node& n : program_.nodes)
    if (n.marked) found.push_back(&n);
  if (found.empty()) return;
  if (program_.dynamic) {
    // Which way a dynamic reference goes is not known here.
    for (Node& n : program_.nodes) n.leads_to_mark = true;
    program_.marked = true;
    return;
  }
  std::unordered_map<const Node*, std::vector<Node*>> from;
  for (Node& n : program_.nodes)
    each_edge(n, false, [&](const Node*& to) { from[to].push_back(&n); });
  while (!found.empty()) {
    const Node* n = found.back();
    found.pop_back();
    for (Node* parent : from[n]) {
      if (std::exchange(parent->leads_to_mark, true)) continue;
      found.push_back(parent);
    }
  }
  program_.marked = program_.root->marked || program_.root->leads_to_mark;
}

void Compiler::find_discriminators() {
  for (Node& n : program_.nodes) {
    if (!n.in_place) continue;
    for (Choice* choice : {n.in_place->any_of.get(), n.in_place->one_of.get()})
      if (choice) choice->discriminator = discriminator_of(*choice);
  }
}

}  // namespace carillon::schema
