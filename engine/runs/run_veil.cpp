#include "engine/runs/run_veil.h"

#include <algorithm>

#include "engine/redaction/text_shapes.h"
#include "engine/runs/interpreter/text_forms.h"
#include "engine/schema/secret_reference.h"
#include "engine/workflows/definition/http_rules.h"

namespace carillon {
namespace {

std::string json_escaped(const std::string& text) {
  const std::string dumped = dump_json(text);
  return dumped.substr(1, dumped.size() - 2);
}

std::string content_type_of(const HttpCall& call) {
  for (const auto& [name, value] : call.headers) {
    std::string lower = name + ":" + value;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower.starts_with("content-type:")) return lower.substr(13);
  }
  return "";
}

Error unfit_secret(std::string_view name, std::string_view where) {
  return Error{ErrorCode::invalid, "SECRET_UNFIT", "The value of the secret \"" + std::string(name) + "\" cannot stand in " + std::string(where) + ".", "",
               std::string(name), "Put it without line breaks and control characters.", {}};
}

Error unread_secret(const std::string& name) {
  return Error{ErrorCode::internal, "SECRET_UNREADABLE", "The secret \"" + name + "\" was not read.", "", name, "Retry the run.", {}};
}

bool name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-'; }

}  // namespace

std::unique_ptr<RunVeil> RunVeil::over(const std::string& input, const Redactor& redactor, IdSource& ids) {
  const bool secrets = schema::may_hold_secrets(input);
  if (!secrets && redactor.idle()) return nullptr;
  auto out = std::make_unique<RunVeil>();
  out->stored_input_ = input;
  out->redactor_ = redactor;
  if (!secrets) return out;
  out->prefix_ = "~secret." + ids.secret() + ".";
  out->places_ = schema::secret_places(parse_stored_json(input));
  for (const auto& place : out->places_) out->names_.insert(place.name);
  return out;
}

Json RunVeil::input() const {
  Json out = parse_stored_json(stored_input_);
  for (const auto& place : places_) out[Json::json_pointer(place.pointer)] = stand_in(place.name);
  return out;
}

void RunVeil::resume(const Json& input_of_state) {
  for (const auto& place : places_) {
    const Json::json_pointer at(place.pointer);
    if (!input_of_state.contains(at) || !input_of_state[at].is_string()) continue;
    const std::string& known = input_of_state[at].get_ref<const std::string&>();
    if (known.size() > place.name.size() + 1) prefix_ = known.substr(0, known.size() - place.name.size() - 1);
  }
}

void RunVeil::learn(const std::string& name, Result<std::string> value) {
  if (value) {
    const auto add = [&](std::string form) {
      const std::pair entry(std::move(form), stand_in(name));
      if (std::ranges::find(forms_, entry) != forms_.end()) return;
      forms_.insert(std::ranges::find_if(forms_, [&](const auto& other) { return other.first.size() < entry.first.size(); }), entry);
    };
    for (auto& shape : shapes_of(*value)) add(std::move(shape));
  }
  values_.insert_or_assign(name, std::move(value));
}

/// Replaces stand-ins in `text` by what `write` makes of the values.
template <class Write>
Status RunVeil::reveal(std::string& text, std::string_view where, Write&& write) const {
  for (const auto& name : names_) {
    const std::string mark = stand_in(name);
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      const auto value = values_.find(name);
      if (value == values_.end()) return unread_secret(name);
      if (!value->second) return value->second.error();
      const std::optional<std::string> written = write(*value->second, at);
      if (!written) return unfit_secret(name, where);
      text.replace(at, mark.size(), *written);
      at += written->size();
    }
  }
  return ok();
}

Result<HttpCall> RunVeil::sent(HttpCall call) const {
  if (names_.empty()) return call;
  using Written = std::optional<std::string>;
  // At the very beginning it is the address itself, else a part of one.
  CARILLON_CHECK(reveal(call.url, "an address", [](const std::string& value, std::size_t at) -> Written {
    if (at > 0) return percent_encoded(value);
    return http_url_ok(value) ? Written(value.substr(0, value.find('#'))) : std::nullopt;
  }));
  for (auto& [name, value] : call.headers)
    CARILLON_CHECK(reveal(value, "a header", [](const std::string& secret, std::size_t) { return http_header_value_ok(secret) ? Written(secret) : std::nullopt; }));
  const std::string type = content_type_of(call);
  const bool json = type.find("json") != std::string::npos, form = type.find("x-www-form-urlencoded") != std::string::npos;
  CARILLON_CHECK(reveal(call.body, "a body", [&](const std::string& value, std::size_t) -> Written {
    return json ? json_escaped(value) : form ? percent_encoded(value) : value;
  }));
  return call;
}

std::string RunVeil::hide(std::string text) const {
  for (const auto& [form, mark] : forms_)
    for (std::size_t at = text.find(form); at != std::string::npos; at = text.find(form, at + mark.size())) text.replace(at, form.size(), mark);
  return text;
}

void RunVeil::received(HttpOutcome& outcome) const {
  if (forms_.empty()) return;
  outcome.body = hide(std::move(outcome.body));
  for (auto& [name, value] : outcome.headers) {
    name = hide(std::move(name));
    value = hide(std::move(value));
  }
  if (outcome.error) outcome.error->message = hide(std::move(outcome.error->message));
}

std::string RunVeil::stored(const std::string& json) const {
  if (names_.empty()) return json;
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = json.find(prefix_); at != std::string::npos; at = json.find(prefix_, from)) {
    std::size_t end = at + prefix_.size();
    while (end < json.size() && name_char(json[end])) ++end;
    const std::string name = json.substr(at + prefix_.size(), end - at - prefix_.size());
    const bool whole_mark = end < json.size() && json[end] == '~' && names_.contains(name);
    if (whole_mark) ++end;
    const bool value = whole_mark && at > 0 && json[at - 1] == '"' && end < json.size() && json[end] == '"' &&
                       (at < 2 || json[at - 2] != '\\') && (end + 1 >= json.size() || json[end + 1] != ':');
    out += json.substr(from, at - from - (value ? 1 : 0));
    out += value ? dump_json(schema::secret_reference(name)) : "[secret " + (whole_mark ? name : std::string("cut off")) + "]";
    from = end + (value ? 1 : 0);
  }
  return out + json.substr(from);
}

/// A text as people read it.
std::string RunVeil::told(const std::string& text, const ValueMask& mask) const {
  std::string out = text;
  for (const auto& name : names_)
    for (std::size_t at = out.find(stand_in(name)); at != std::string::npos; at = out.find(stand_in(name), at)) {
      const std::string said = "[secret " + name + "]";
      out.replace(at, stand_in(name).size(), said);
      at += said.size();
    }
  for (std::size_t at = names_.empty() ? std::string::npos : out.find(prefix_); at != std::string::npos; at = out.find(prefix_))
    out.replace(at, prefix_.size(), "[secret] ");
  return mask.empty() ? out : mask.text(out);
}

RunError RunVeil::stored(RunError error) const {
  // Made now: most runs end without an error.
  const ValueMask mask = redactor_.idle() ? ValueMask() : redactor_.mask_of(parse_stored_json(stored_input_));
  error.type = told(error.type, mask);
  error.title = told(error.title, mask);
  error.detail = told(error.detail, mask);
  return error;
}

}  // namespace carillon
