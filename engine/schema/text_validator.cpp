#include <simdjson.h>

#include "engine/schema/evaluation_result.h"
#include "engine/schema/schema.h"

namespace carillon::schema {
namespace {

namespace dom = simdjson::dom;

constexpr int kMaxTextDepth = 128;

/// A value on simdjson's tape.
class TextView {
 public:
  static constexpr bool kOrderUnproven = true;

  TextView() = default;
  explicit TextView(dom::element value) : value_(value) {}

  Kind kind() const {
    switch (value_.type()) {
      case dom::element_type::ARRAY: return Kind::array;
      case dom::element_type::OBJECT: return Kind::object;
      case dom::element_type::INT64:
      case dom::element_type::UINT64:
      case dom::element_type::DOUBLE: return Kind::number;
      case dom::element_type::STRING: return Kind::string;
      case dom::element_type::BOOL: return Kind::boolean;
      default: return Kind::null;
    }
  }
  bool boolean() const { return value_.get_bool().value_unsafe(); }
  Number number() const {
    switch (value_.type()) {
      case dom::element_type::INT64: return Number::of(value_.get_int64().value_unsafe());
      case dom::element_type::UINT64: return Number::of(value_.get_uint64().value_unsafe());
      default: return Number::of(value_.get_double().value_unsafe());
    }
  }
  std::string_view string() const { return value_.get_string().value_unsafe(); }
  std::size_t size() const {
    const bool array = value_.is_array();
    const std::size_t n = array ? value_.get_array().value_unsafe().size() : value_.get_object().value_unsafe().size();
    // The tape counts to 2^24 - 1 only.
    if (n < 0xffffff) return n;
    std::size_t counted = 0;
    if (array) elements([&](const TextView&) { return ++counted > 0; });
    else members([&](std::string_view, const TextView&) { return ++counted > 0; });
    return counted;
  }
  template <class F>
  bool elements(F&& each) const {
    for (dom::element e : value_.get_array().value_unsafe())
      if (!each(TextView(e))) return false;
    return true;
  }
  template <class F>
  bool members(F&& each) const {
    const dom::object object = value_.get_object().value_unsafe();
    for (auto it = object.begin(), end = object.end(); it != end; ++it)
      if (!each(it.key(), TextView(it.value()))) return false;
    return true;
  }
  bool find(std::string_view key, TextView& out) const {
    auto found = value_.get_object().value_unsafe().at_key(key);
    if (found.error()) return false;
    out = TextView(found.value_unsafe());
    return true;
  }

 private:
  dom::element value_;
};

Error text_error(simdjson::error_code code) {
  if (code == simdjson::DEPTH_ERROR)
    return Error{ErrorCode::malformed, "JSON_TOO_DEEP", "The text nests arrays and objects more than " + std::to_string(kMaxTextDepth) + " deep.",
                 "", "", "Nest less.", {}};
  return Error{ErrorCode::malformed, "JSON_MALFORMED", std::string("The text is not JSON: ") + simdjson::error_message(code), "", "",
               "Store text that dump_json wrote.", {}};
}

}  // namespace

struct TextValidator::Impl {
  dom::parser parser;
  std::string buffer;
  std::size_t capacity = 0;

  /// Runs `use(view, unordered)`; where the text is not canonical, or holds a number simdjson does not take, runs it
  /// again over a tree.
  template <class R, class F>
  R with_value(std::string_view text, F&& use) {
    if (text.size() > capacity || capacity == 0) {
      capacity = std::max<std::size_t>(text.size(), 4096);
      if (auto error = parser.allocate(capacity, kMaxTextDepth)) return text_error(error);
    }
    buffer.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    buffer.assign(text);
    dom::element root;
    const auto error = parser.parse(buffer.data(), buffer.size(), false).get(root);
    if (error == simdjson::NUMBER_ERROR) return over_tree<R>(text, use);
    if (error) return text_error(error);
    bool unordered = false;
    R result = use(TextView(root), unordered);
    if (unordered) return over_tree<R>(text, use);
    return result;
  }

  template <class R, class F>
  R over_tree(std::string_view text, F&& use) {
    // nlohmann takes a zero byte for the end of the text, whatever follows.
    const Json tree = Json::parse(text, nullptr, false);
    if (tree.is_discarded() || text.find('\0') != std::string_view::npos) return text_error(simdjson::NUMBER_ERROR);
    bool unordered = false;
    return use(TreeView(tree), unordered);
  }
};

TextValidator::TextValidator() : impl_(std::make_unique<Impl>()) {}
TextValidator::~TextValidator() = default;
TextValidator::TextValidator(TextValidator&&) noexcept = default;
TextValidator& TextValidator::operator=(TextValidator&&) noexcept = default;

Result<Verdict> TextValidator::verdict(const Schema& schema, std::string_view text, const ValidateOptions& options) {
  return impl_->with_value<Result<Verdict>>(text, [&](const auto& view, bool& unordered) -> Result<Verdict> {
    return evaluate_verdict(schema.program(), view, options, unordered);
  });
}

Result<std::vector<Violation>> TextValidator::validate(const Schema& schema, std::string_view text, const ValidateOptions& options) {
  using Answer = Result<std::vector<Violation>>;
  return impl_->with_value<Answer>(text, [&](const auto& view, bool& unordered) -> Answer {
    return evaluate_violations(schema.program(), view, options, unordered);
  });
}

Result<std::vector<Violation>> validate_text(const Schema& schema, std::string_view text, const ValidateOptions& options) {
  return TextValidator().validate(schema, text, options);
}

}  // namespace carillon::schema
