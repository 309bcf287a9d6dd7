#pragma once
#include "engine/schema/compare.h"
#include "engine/schema/program.h"
#include "engine/schema/utf8.h"

namespace carillon::schema {

/// Deepest nesting of subschemas within one evaluation; stops references that consume nothing and were not seen as a
/// loop when compiling (dynamic ones).
constexpr int kMaxEvaluationDepth = 1500;

/// What one evaluation carries along.
struct Evaluation {
  const Program& program;
  std::int64_t steps;
  int depth = 0;
  bool unordered = false;  ///< object members came out of order; the verdict means nothing
  std::vector<int> scope{};  ///< resources entered, outermost first (only for programs with dynamic references)

  /// Cheap visits (a key passed over, a branch not looked at) weigh less than a step, but they count.
  void charge(std::size_t visits) { steps -= static_cast<std::int64_t>(visits / 4); }
  bool give_up() {
    steps = -1;
    return false;
  }
  Match search(const Regex& regex, std::string_view text) {
    const Match m = regex.search(text, steps);
    if (m == Match::limit) give_up();
    return m;
  }
};

/// Counts one level of evaluation, and enters a node's resource into the dynamic scope.
class Level {
 public:
  Level(Evaluation& e, const Node& node) : e_(e) {
    if (++e_.depth > kMaxEvaluationDepth) e_.give_up();
    if (e_.program.dynamic && (e_.scope.empty() || e_.scope.back() != node.resource)) {
      e_.scope.push_back(node.resource);
      entered_ = true;
    }
  }
  ~Level() {
    --e_.depth;
    if (entered_) e_.scope.pop_back();
  }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  Evaluation& e_;
  bool entered_ = false;
};

inline const Node& dynamic_target(Evaluation& e, const DynamicReference& reference) {
  e.charge(e.scope.size() * reference.targets.size());
  for (int resource : e.scope)
    for (const auto& [owner, node] : reference.targets)
      if (owner == resource) return *node;
  return *reference.fallback;
}

template <class View>
std::uint8_t type_bit(Kind kind, const View& v) {
  switch (kind) {
    case Kind::null: return kNull;
    case Kind::boolean: return kBoolean;
    case Kind::number: return v.number().is_integral() ? kInteger : kFraction;
    case Kind::string: return kString;
    case Kind::array: return kArray;
    case Kind::object: return kObject;
  }
  return 0;
}

/// Whether the view has a text that nobody knows: then only its being a text counts.
template <class View>
bool is_opaque([[maybe_unused]] const View& v) {
  if constexpr (requires { v.opaque(); }) return v.opaque();
  else return false;
}

inline bool length_at_least(std::string_view text, std::size_t min) {
  return text.size() >= min && (text.size() >= min * 4 || count_code_points(text) >= min);
}
inline bool length_at_most(std::string_view text, std::size_t max) {
  return text.size() <= max || (text.size() / 4 <= max && count_code_points(text) <= max);
}
inline bool bound_holds(NumberRules::Bound which, const Number& value, const Number& limit) {
  const int order = compare(value, limit);
  switch (which) {
    case NumberRules::kMin: return order >= 0;
    case NumberRules::kMax: return order <= 0;
    case NumberRules::kExclusiveMin: return order > 0;
    default: return order < 0;
  }
}

template <class View>
class FullCheck;

/// Yes or no, stopping at the first failure, without allocating. `false` is no verdict when steps fell below zero.
template <class View>
class FastCheck {
 public:
  explicit FastCheck(Evaluation& evaluation) : e_(evaluation) {}

  bool check(const Node& n, const View& v) {
    if (n.is_true) return true;
    if (--e_.steps < 0 || n.is_false) return false;
    const Kind kind = v.kind();
    if (n.types != kAnyType && !type_allowed(n.types, kind, v)) return false;
    if (n.tracks) return FullCheck<View>(e_).check(n, v, nullptr, nullptr);
    if (n.const_value && !set_contains(*n.const_value, v, e_.steps)) return false;
    if (n.enum_values && !set_contains(*n.enum_values, v, e_.steps)) return false;
    switch (kind) {
      case Kind::string:
        if (n.strings && !is_opaque(v) && !strings(*n.strings, v.string())) return false;
        break;
      case Kind::number:
        if (n.numbers && !numbers(*n.numbers, v.number())) return false;
        break;
      case Kind::array:
        if (n.arrays && !nested([&] { return arrays(*n.arrays, v); }, n)) return false;
        break;
      case Kind::object:
        if (n.objects && !nested([&] { return objects(*n.objects, v); }, n)) return false;
        break;
      default: break;
    }
    return !n.in_place || nested([&] { return in_place(*n.in_place, v); }, n);
  }

 private:
  template <class F>
  bool nested(F&& f, const Node& n) {
    const Level level(e_, n);
    return f();
  }

  static bool type_allowed(std::uint8_t types, Kind kind, const View& v) {
    if (kind == Kind::number) {
      const std::uint8_t wanted = types & kNumber;
      if (wanted == kNumber) return true;
      return wanted != 0 && (v.number().is_integral() ? kInteger : kFraction) == wanted;
    }
    return types & type_bit(kind, v);
  }

  bool strings(const StringRules& r, std::string_view text) {
    e_.steps -= static_cast<std::int64_t>(text.size() / 64);
    if (r.min_length > 0 && !length_at_least(text, r.min_length)) return false;
    if (!length_at_most(text, r.max_length)) return false;
    if (r.format && !r.format(text)) return false;
    return !r.pattern || e_.search(*r.pattern, text) == Match::yes;
  }

  bool numbers(const NumberRules& r, const Number& value) {
    for (std::uint8_t b = 0; b < NumberRules::kBounds; ++b)
      if (r.has[b] && !bound_holds(static_cast<NumberRules::Bound>(b), value, r.bound[b])) return false;
    return !r.multiple_of || r.multiple_of->divides(value);
  }

  bool arrays(const ArrayRules& r, const View& v) {
    const std::size_t n = v.size();
    if (n < r.min_items || n > r.max_items) return false;
    if ((r.rest || !r.prefix.empty()) && !items(r, v)) return false;
    if (r.contains && !contains(r, v)) return false;
    return !r.unique || find_duplicate(v, e_.steps).first < 0;
  }

  bool items(const ArrayRules& r, const View& v) {
    std::size_t i = 0;
    bool good = true;
    v.elements([&](const View& e) {
      const Node* node = i < r.prefix.size() ? r.prefix[i] : r.rest;
      ++i;
      good = node == nullptr || check(*node, e);
      return good && (i < r.prefix.size() || r.rest);
    });
    return good;
  }

  bool contains(const ArrayRules& r, const View& v) {
    e_.charge(v.size());
    std::size_t found = 0;
    v.elements([&](const View& e) {
      found += check(*r.contains, e);
      return e_.steps >= 0 && found <= r.max_contains && (found < r.min_contains || r.max_contains != SIZE_MAX);
    });
    return found >= r.min_contains && found <= r.max_contains;
  }

  bool objects(const ObjectRules& r, const View& v) {
    if (r.min_properties > 0 || r.max_properties != SIZE_MAX) {
      const std::size_t n = v.size();
      if (n < r.min_properties || n > r.max_properties) return false;
    }
    if (r.walks && !walk(r, v)) return false;
    return dependents(r, v);
  }

  bool dependents(const ObjectRules& r, const View& v) {
    for (const auto& [name, wanted] : r.dependent_required) {
      if (!has(v, name)) continue;
      for (const auto& other : wanted)
        if (!has(v, other)) return false;
    }
    for (const auto& [name, node] : r.dependent_schemas)
      if (has(v, name) && !check(*node, v)) return false;
    return true;
  }

  /// Whether there is a member of that name; no verdict when the steps end.
  bool has(const View& v, std::string_view name) {
    View ignored;
    e_.charge(8 + v.size());
    return e_.steps >= 0 && v.find(name, ignored);
  }

  /// One pass over members and properties, both sorted.
  bool walk(const ObjectRules& r, const View& v) {
    const Property* p = r.properties.data();
    const Property* const end = p + r.properties.size();
    const bool others = !r.patterns.empty() || r.additional || r.names;
    std::uint64_t last_prefix = 0;
    std::string_view last_key;
    bool first = true;
    e_.charge(r.properties.size() + v.size());
    const bool good = v.members([&](std::string_view key, const View& e) {
      const std::uint64_t prefix = key_prefix(key);
      if constexpr (View::kOrderUnproven) {
        if (!first && compare_keys(prefix, key, last_prefix, last_key) <= 0) {
          e_.unordered = true;
          return e_.give_up();
        }
        first = false;
        last_prefix = prefix;
        last_key = key;
      }
      bool known = false;
      for (; p != end; ++p) {
        const int order = compare_keys(p->prefix, p->name, prefix, key);
        known = order == 0;
        if (order >= 0) break;
        if (p->required) return missing(v, p->name);
      }
      bool described = false;
      if (known) {
        const Node* node = p->node;
        ++p;
        described = node != nullptr;
        if (described && !check(*node, e)) return false;
      }
      return !others || other_rules(r, key, e, described);
    });
    if (!good) return false;
    for (; p != end; ++p)
      if (p->required) return false;
    return true;
  }

  /// Always false; where members may be out of order, makes sure that the member is not further on.
  bool missing([[maybe_unused]] const View& v, [[maybe_unused]] std::string_view name) {
    if constexpr (View::kOrderUnproven) {
      View found;
      if (v.find(name, found)) {
        e_.unordered = true;
        e_.give_up();
      }
    }
    return false;
  }

  bool other_rules(const ObjectRules& r, std::string_view key, const View& e, bool described) {
    if (r.names && !name_valid(*r.names, key)) return false;
    for (const PatternProperty& pattern : r.patterns) {
      const Match m = e_.search(*pattern.regex, key);
      if (m == Match::limit) return false;
      if (m == Match::no) continue;
      described = true;
      if (!check(*pattern.node, e)) return false;
    }
    return described || !r.additional || check(*r.additional, e);
  }

  bool name_valid(const Node& n, std::string_view key) {
    const Json name = std::string(key);
    return FastCheck<TreeView>(e_).check(n, TreeView(name));
  }

  bool in_place(const InPlace& p, const View& v) {
    if (p.ref && !check(*p.ref, v)) return false;
    if (p.dynamic_ref && !check(dynamic_target(e_, *p.dynamic_ref), v)) return false;
    e_.charge(p.all_of.size());
    for (const Node* n : p.all_of)
      if (!check(*n, v)) return false;
    if (p.any_of && count_matches(*p.any_of, v, 1) == 0) return false;
    if (p.one_of && count_matches(*p.one_of, v, 2) != 1) return false;
    if (p.negated && (check(*p.negated, v) || e_.steps < 0)) return false;
    if (!p.if_) return true;
    const Node* next = check(*p.if_, v) ? p.then_ : p.else_;
    return e_.steps >= 0 && (!next || check(*next, v));
  }

  /// Branches that hold, counted up to `enough`. A branch whose const/enum member differs needs no look.
  int count_matches(const Choice& c, const View& v, int enough) {
    View told;
    const bool object = c.discriminator && v.kind() == Kind::object;
    const bool tells = object && v.find(c.discriminator->name, told);
    e_.charge(c.branches.size() + (object ? v.size() : 0));
    int matches = 0;
    for (std::size_t i = 0; i < c.branches.size() && matches < enough && e_.steps >= 0; ++i) {
      if (tells && !set_contains(*c.discriminator->values[i], told, e_.steps)) continue;
      matches += check(*c.branches[i], v);
    }
    return matches;
  }

  Evaluation& e_;
};

}  // namespace carillon::schema
