#pragma once
#include "engine/schema/collector.h"
#include "engine/schema/evaluate_fast.h"

namespace carillon::schema {

/// The thorough evaluator: collects every violation into `out`, and marks the members and elements evaluated, each only
/// if asked. Without `out` it stops at the first failure.
template <class View>
class FullCheck {
 public:
  explicit FullCheck(Evaluation& evaluation, Path* path = nullptr) : e_(evaluation), path_(path) {}

  bool check(const Node& n, const View& v, Marks* marks, Collector* out) {
    if (n.is_true) return true;
    if (!marks && !out && !n.tracks) return FastCheck<View>(e_).check(n, v);
    if (--e_.steps < 0) return false;
    if (n.is_false) return fail(out, n, "false schema", "is not allowed here", Json::object());
    const Level level(e_, n);
    const Kind kind = v.kind();
    bool good = values(n, kind, v, out);
    if (stop(good, out)) return false;
    Marks own;
    Marks* const m = n.tracks ? &own : marks;
    switch (kind) {
      case Kind::string:
        if (n.strings && !is_opaque(v)) good &= strings(n, *n.strings, v.string(), out);
        break;
      case Kind::number:
        if (n.numbers) good &= numbers(n, *n.numbers, v.number(), out);
        break;
      case Kind::array:
        if (n.arrays) good &= arrays(n, *n.arrays, v, m, out);
        break;
      case Kind::object:
        if (n.objects) good &= objects(n, *n.objects, v, m, out);
        break;
      default: break;
    }
    if (stop(good, out)) return false;
    const bool placed = !n.in_place || in_place(n, *n.in_place, v, m, out);
    good &= placed;
    if (stop(good, out)) return false;
    // What a failed branch would have evaluated is not known; reporting it as unevaluated would mislead.
    if (n.tracks && placed) good &= unevaluated(n, kind, v, own, out);
    if (n.tracks && marks) marks->merge(own);
    return good;
  }

 private:
  bool stop(bool good, const Collector* out) const { return e_.steps < 0 || (!good && (out == nullptr || out->full())); }

  bool fail(Collector* out, const Node& n, const char* keyword, std::string message, Json params) {
    if (!out) return false;
    charge_finding();
    out->add(n, keyword, std::move(message), std::move(params));
    return false;
  }

  /// A violation is written out, path and all, while branches are compared that nobody will hear of.
  void charge_finding() { e_.steps -= 32 + 2 * static_cast<std::int64_t>(path_->size()); }

  bool values(const Node& n, Kind kind, const View& v, Collector* out) {
    bool good = true;
    if (n.types != kAnyType && !(n.types & type_bit(kind, v)))
      good = fail(out, n, "type", "must be " + describe_types(n.types), {{"type", type_names(n.types)}});
    if (stop(good, out)) return false;
    if (n.const_value && !set_contains(*n.const_value, v, e_.steps)) {
      const Json& wanted = *n.const_value->values[0];
      good = fail(out, n, "const", "must be " + describe_value(wanted), is_short(wanted) ? Json{{"allowedValue", wanted}} : Json::object());
    }
    if (stop(good, out)) return false;
    if (n.enum_values && !set_contains(*n.enum_values, v, e_.steps)) {
      if (!out) return false;
      std::string list;
      Json allowed = Json::array();
      for (const Json* value : n.enum_values->values) {
        if (list.size() < 120) list += (list.empty() ? "" : ", ") + describe_value(*value);
        else if (!list.ends_with("…")) list += ", …";
        if (allowed.size() < 100 && is_short(*value)) allowed.push_back(*value);
      }
      good = fail(out, n, "enum", "must be one of " + list, {{"allowedValues", std::move(allowed)}});
    }
    return good;
  }

  bool strings(const Node& n, const StringRules& r, std::string_view text, Collector* out) {
    e_.steps -= static_cast<std::int64_t>(text.size() / 64);
    bool good = true;
    if (!length_at_least(text, r.min_length))
      good = fail(out, n, "minLength", "must have at least " + std::to_string(r.min_length) + " characters", {{"limit", r.min_length}});
    if (!length_at_most(text, r.max_length))
      good = fail(out, n, "maxLength", "must have at most " + std::to_string(r.max_length) + " characters", {{"limit", r.max_length}});
    if (r.pattern && e_.search(*r.pattern, text) != Match::yes)
      good = fail(out, n, "pattern", "must match the pattern " + shorten(r.pattern_text), {{"pattern", r.pattern_text}});
    if (r.format && !r.format(text))
      good = fail(out, n, "format", "must be a valid " + r.format_name, {{"format", r.format_name}});
    return good;
  }

  bool numbers(const Node& n, const NumberRules& r, const Number& value, Collector* out) {
    static constexpr const char* kKeywords[] = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"};
    static constexpr const char* kSigns[] = {">=", "<=", ">", "<"};
    bool good = true;
    for (std::uint8_t b = 0; b < NumberRules::kBounds; ++b) {
      if (!r.has[b] || bound_holds(static_cast<NumberRules::Bound>(b), value, r.bound[b])) continue;
      if (!out) return false;
      const Json& limit = n.source->at(kKeywords[b]);
      good = fail(out, n, kKeywords[b], "must be " + std::string(kSigns[b]) + " " + dump_json(limit),
                  {{"comparison", kSigns[b]}, {"limit", limit}});
    }
    if (r.multiple_of && !r.multiple_of->divides(value))
      good = fail(out, n, "multipleOf", "must be a multiple of " + dump_json(r.multiple_of_value), {{"multipleOf", r.multiple_of_value}});
    return good;
  }

  /// Checks a member or element with the path one step longer.
  bool child(const Node& n, const View& v, Collector* out, PathStep step) {
    if (!out) return check(n, v, nullptr, nullptr);
    path_->push_back(step);
    const bool good = check(n, v, nullptr, out);
    path_->pop_back();
    return good;
  }

  bool size_rules(const Node& n, std::size_t size, std::size_t min, std::size_t max, const char* const (&keywords)[2],
                  const char* what, Collector* out) {
    bool good = true;
    if (size < min)
      good = fail(out, n, keywords[0], "must have at least " + std::to_string(min) + " " + what, {{"limit", min}});
    if (size > max)
      good = fail(out, n, keywords[1], "must have at most " + std::to_string(max) + " " + what, {{"limit", max}});
    return good;
  }

  bool arrays(const Node& n, const ArrayRules& r, const View& v, Marks* marks, Collector* out) {
    const std::size_t size = v.size();
    e_.charge(size);
    bool good = size_rules(n, size, r.min_items, r.max_items, {"minItems", "maxItems"}, "items", out);
    if (stop(good, out)) return false;
    if (r.rest && r.rest->is_false && size > r.prefix.size())
      good = fail(out, n, r.rest_keyword, "must have at most " + std::to_string(r.prefix.size()) + " items", {{"limit", r.prefix.size()}});
    std::uint32_t i = 0;
    v.elements([&](const View& e) {
      const bool within = i < r.prefix.size();
      const Node* node = within ? r.prefix[i] : r.rest;
      if (node && (within || !node->is_false)) good &= child(*node, e, out, {{}, i, false});
      ++i;
      return !stop(good, out);
    });
    if (marks) {
      if (r.rest) marks->set_all();
      for (std::size_t k = 0; k < r.prefix.size() && k < size; ++k) marks->set(k);
    }
    if (stop(good, out)) return false;
    if (r.contains) good &= contains(n, r, v, marks, out);
    if (stop(good, out) || !r.unique) return good && e_.steps >= 0;
    const auto [first, second] = find_duplicate(v, e_.steps);
    if (first >= 0)
      good = fail(out, n, "uniqueItems", "must not have equal items (" + std::to_string(first) + " and " + std::to_string(second) + " are)",
                  {{"i", second}, {"j", first}});
    return good;
  }

  bool contains(const Node& n, const ArrayRules& r, const View& v, Marks* marks, Collector* out) {
    std::size_t found = 0, i = 0;
    v.elements([&](const View& e) {
      if (check(*r.contains, e, nullptr, nullptr)) {
        ++found;
        if (marks) marks->set(i);
      }
      ++i;
      return e_.steps >= 0;
    });
    if (found < r.min_contains)
      return fail(out, n, r.min_contains == 1 ? "contains" : "minContains",
                  "must contain at least " + std::to_string(r.min_contains) + " matching item(s)", {{"minContains", r.min_contains}});
    if (found > r.max_contains)
      return fail(out, n, "maxContains", "must contain at most " + std::to_string(r.max_contains) + " matching item(s)",
                  {{"maxContains", r.max_contains}});
    return true;
  }

  bool objects(const Node& n, const ObjectRules& r, const View& v, Marks* marks, Collector* out) {
    bool good = true;
    if (r.min_properties > 0 || r.max_properties != SIZE_MAX)
      good = size_rules(n, v.size(), r.min_properties, r.max_properties, {"minProperties", "maxProperties"}, "properties", out);
    View found;
    // Text finds a member by going over all of them.
    e_.charge(r.properties.size() + r.required_count * (View::kOrderUnproven ? v.size() : 1));
    // Every member is looked up and perhaps marked: dearer than passing it over.
    e_.steps -= static_cast<std::int64_t>(v.size() / 2);
    if (stop(good, out)) return false;
    for (const Property& p : r.properties) {
      if (stop(good, out)) return false;
      if (p.required && !v.find(p.name, found))
        good = fail(out, n, "required", "must have the property \"" + p.name + "\"", {{"missingProperty", p.name}});
    }
    if (stop(good, out)) return false;
    if (r.walks) good &= walk(n, r, v, marks, out);
    return dependents(n, r, v, marks, out) && good;
  }

  bool dependents(const Node& n, const ObjectRules& r, const View& v, Marks* marks, Collector* out) {
    bool good = true;
    for (const auto& [name, wanted] : r.dependent_required) {
      if (!has(v, name)) continue;
      for (const auto& other : wanted) {
        if (stop(good, out)) return false;
        if (!has(v, other))
          good = fail(out, n, r.dependent_required_keyword, "must have the property \"" + other + "\" because it has \"" + name + "\"",
                      {{"property", name}, {"missingProperty", other}});
      }
    }
    for (const auto& [name, node] : r.dependent_schemas)
      if (!stop(good, out) && has(v, name)) good &= branch(*node, v, marks, out);
    return good;
  }

  bool has(const View& v, std::string_view name) {
    View ignored;
    e_.charge(8 + v.size());
    return e_.steps >= 0 && v.find(name, ignored);
  }

  bool walk(const Node& n, const ObjectRules& r, const View& v, Marks* marks, Collector* out) {
    bool good = true;
    std::uint32_t i = 0;
    std::string_view last_key;
    v.members([&](std::string_view key, const View& e) {
      if constexpr (View::kOrderUnproven) {
        if (i > 0 && key <= last_key) {
          e_.unordered = true;
          return e_.give_up();
        }
        last_key = key;
      }
      const std::uint32_t at = i++;
      if (r.names) good &= name_valid(n, *r.names, key, out);
      bool described = false;
      const auto p = std::lower_bound(r.properties.begin(), r.properties.end(), key,
                                      [](const Property& a, std::string_view k) { return a.name < k; });
      if (p != r.properties.end() && p->name == key && p->node) {
        described = true;
        good &= child(*p->node, e, out, {key, at, true});
      }
      for (const PatternProperty& pattern : r.patterns) {
        if (e_.search(*pattern.regex, key) != Match::yes) continue;
        described = true;
        good &= child(*pattern.node, e, out, {key, at, true});
      }
      if (!described && r.additional) {
        described = true;
        if (r.additional->is_false)
          good = fail(out, n, "additionalProperties", "must not have the property \"" + std::string(key) + "\"",
                      {{"additionalProperty", std::string(key)}});
        else
          good &= child(*r.additional, e, out, {key, at, true});
      }
      if (described && marks) marks->set(at);
      return !stop(good, out);
    });
    return good;
  }

  bool name_valid(const Node& n, const Node& names, std::string_view key, Collector* out) {
    const Json name = std::string(key);
    if (FastCheck<TreeView>(e_).check(names, TreeView(name))) return true;
    if (!out || e_.steps < 0) return false;
    Path nowhere;
    Collector why(nowhere, 1);
    FullCheck<TreeView>(e_, &nowhere).check(names, TreeView(name), nullptr, &why);
    std::string reason = why.found().empty() ? "is not valid" : why.found()[0].violation.message;
    return fail(out, n, "propertyNames", "the property name \"" + shorten(key) + "\" " + reason, {{"propertyName", std::string(key)}});
  }

  /// A subschema of the same value: its marks count only if it holds.
  bool branch(const Node& n, const View& v, Marks* marks, Collector* out) {
    if (!marks) return check(n, v, nullptr, out);
    Marks local;
    if (!check(n, v, &local, out)) return false;
    marks->merge(local);
    return true;
  }

  bool in_place(const Node& n, const InPlace& p, const View& v, Marks* marks, Collector* out) {
    bool good = true;
    if (p.ref) good &= branch(*p.ref, v, marks, out);
    if (p.dynamic_ref && !stop(good, out)) good &= branch(dynamic_target(e_, *p.dynamic_ref), v, marks, out);
    e_.charge(p.all_of.size());
    for (const Node* b : p.all_of)
      if (!stop(good, out)) good &= branch(*b, v, marks, out);
    if (p.any_of && !stop(good, out)) good &= choice(n, "anyOf", *p.any_of, v, marks, out);
    if (p.one_of && !stop(good, out)) good &= choice(n, "oneOf", *p.one_of, v, marks, out);
    if (p.negated && !stop(good, out) && check(*p.negated, v, nullptr, nullptr))
      good = fail(out, n, "not", "must not be what the schema under \"not\" describes", Json::object());
    if (p.if_ && !stop(good, out)) {
      const Node* next = branch(*p.if_, v, marks, nullptr) ? p.then_ : p.else_;
      if (next && e_.steps >= 0) good &= branch(*next, v, marks, out);
    }
    return good && e_.steps >= 0;
  }

  bool choice(const Node& n, const char* keyword, const Choice& c, const View& v, Marks* marks, Collector* out) {
    const bool one = keyword[0] == 'o';
    e_.charge(c.branches.size());
    Json passing = Json::array();
    for (std::size_t i = 0; i < c.branches.size() && e_.steps >= 0; ++i) {
      if (!branch(*c.branches[i], v, marks, nullptr)) continue;
      if (!one && !marks) return true;
      passing.push_back(i);
      if (one && passing.size() > 1 && !out) return false;
    }
    if (e_.steps < 0) return false;
    if (one ? passing.size() == 1 : !passing.empty()) return true;
    if (!out) return false;
    if (passing.empty()) return explain(n, keyword, c, v, *out);
    return fail(out, n, keyword, "must match exactly one of the alternatives, but matches " + std::to_string(passing.size()),
                {{"passingSchemas", std::move(passing)}});
  }

  /// No branch holds: reports the one a const/enum member chooses, else the closest.
  bool explain(const Node& n, const char* keyword, const Choice& c, const View& v, Collector& out) {
    View told;
    if (c.discriminator && v.kind() == Kind::object && v.find(c.discriminator->name, told)) {
      std::ptrdiff_t chosen = -1;
      int candidates = 0;
      for (std::size_t i = 0; i < c.branches.size(); ++i)
        if (set_contains(*c.discriminator->values[i], told, e_.steps)) chosen = static_cast<std::ptrdiff_t>(i), ++candidates;
      if (candidates == 1) return check(*c.branches[static_cast<std::size_t>(chosen)], v, nullptr, &out) && false;
      if (candidates == 0) return nothing_chosen(n, keyword, *c.discriminator, v, out);
    }
    std::unique_ptr<Collector> best;
    std::size_t best_branch = 0;
    std::pair<std::size_t, std::size_t> best_rank;
    for (std::size_t i = 0; i < c.branches.size() && e_.steps >= 0; ++i) {
      auto found = std::make_unique<Collector>(*path_, out.limit());
      check(*c.branches[i], v, nullptr, found.get());
      e_.charge(found->found().size());
      const auto rank = distance(*found);
      if (best && rank >= best_rank) continue;
      best = std::move(found);
      best_branch = i;
      best_rank = rank;
    }
    std::string message = std::string("must match ") + (keyword[0] == 'o' ? "exactly one" : "at least one") + " of the alternatives";
    const bool wrong_type = !best || best_rank.first > 0;
    if (wrong_type) {
      std::uint8_t types = 0;
      for (const Node* b : c.branches) types |= b->types;
      if (types != kAnyType && types != 0) message += ": " + describe_types(types);
      return fail(&out, n, keyword, message, Json::object());
    }
    e_.steps -= static_cast<std::int64_t>(best->found().size());
    fail(&out, n, keyword, std::move(message), {{"closest", best_branch}});
    out.take(std::move(*best));
    return false;
  }

  bool nothing_chosen(const Node& n, const char* keyword, const Discriminator& d, const View& v, Collector& out) {
    Json allowed = Json::array();
    for (const ValueSet* set : d.values)
      for (const Json* value : set->values)
        if (allowed.size() < 100 && is_short(*value)) allowed.push_back(*value);
    std::uint32_t position = 0;
    v.members([&](std::string_view key, const View&) { return key != d.name && ++position; });
    std::string list;
    for (const Json& value : allowed)
      if (list.size() < 120) list += (list.empty() ? "" : ", ") + describe_value(value);
    charge_finding();
    out.add_at_member(n, keyword, d.name, position, "must be one of " + list, {{"discriminator", d.name}, {"allowedValues", allowed}});
    return false;
  }

  /// How far off a branch is: a wrong type of the value itself first, then the number of violations.
  std::pair<std::size_t, std::size_t> distance(const Collector& found) const {
    std::size_t wrong_type = 0;
    for (const Finding& f : found.found())
      if (f.order.size() == path_->size() && (f.violation.keyword == "type" || f.violation.keyword == "false schema")) wrong_type = 1;
    return {wrong_type, found.found().size()};
  }

  bool unevaluated(const Node& n, Kind kind, const View& v, Marks& own, Collector* out) {
    bool good = true;
    std::uint32_t i = 0;
    if (kind == Kind::array && n.unevaluated_items) {
      v.elements([&](const View& e) {
        const std::uint32_t at = i++;
        if (own.test(at)) return true;
        if (n.unevaluated_items->is_false) good = fail(out, n, "unevaluatedItems", "must not have the item " + std::to_string(at), {{"limit", at}});
        else good &= child(*n.unevaluated_items, e, out, {{}, at, false});
        return !stop(good, out);
      });
      own.set_all();
    }
    if (kind == Kind::object && n.unevaluated_properties) {
      v.members([&](std::string_view key, const View& e) {
        const std::uint32_t at = i++;
        if (own.test(at)) return true;
        if (n.unevaluated_properties->is_false)
          good = fail(out, n, "unevaluatedProperties", "must not have the property \"" + std::string(key) + "\"",
                      {{"unevaluatedProperty", std::string(key)}});
        else good &= child(*n.unevaluated_properties, e, out, {key, at, true});
        return !stop(good, out);
      });
      own.set_all();
    }
    return good;
  }

  Evaluation& e_;
  Path* path_;
};

}  // namespace carillon::schema
