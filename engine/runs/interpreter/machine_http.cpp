#include <algorithm>

#include "engine/runs/interpreter/machine.h"
#include "engine/runs/interpreter/text_forms.h"
#include "engine/workflows/definition/http_rules.h"

namespace carillon {
namespace {

constexpr std::string_view kSecretStandIn = "~secret.";

Error bad_call(std::string reason, std::string message, std::string remedy) {
  return Error{ErrorCode::invalid, std::move(reason), std::move(message), "", "", std::move(remedy), {}};
}

std::string lower_text(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view header_value(const HttpHeaders& headers, std::string_view lower_name) {
  for (const auto& [name, value] : headers)
    if (lower_text(name) == lower_name) return value;
  return {};
}

/// application/json, application/problem+json and the like.
bool json_content(std::string_view content_type) {
  const std::string type = lower_text(content_type.substr(0, content_type.find(';')));
  const auto end = type.find_last_not_of(" \t");
  const std::string_view trimmed = std::string_view(type).substr(0, end == std::string::npos ? 0 : end + 1);
  return trimmed == "application/json" || trimmed == "text/json" || trimmed.ends_with("+json");
}

/// The address without what may be secret in it.
std::string public_url(std::string_view url) {
  std::string out(url.substr(0, url.find_first_of("?#")));
  const auto host = out.find("//") + 2;
  const auto at = out.find('@', host);
  if (at != std::string::npos && at < out.find('/', host)) out.erase(host, at + 1 - host);
  return shorten(out, 300);
}

void add_query(std::string& url, std::string_view name, const std::string& value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += percent_encoded(name) + "=" + percent_encoded(value);
}

}  // namespace

void RunMachine::start_http(const dsl::HttpTask& task) {
  InterpreterState& s = state();
  Frame& frame = s.frames.back();
  HttpCall call;
  auto build = [&]() -> Status {
    CARILLON_TRY(Json method, evaluate(task.method, frame.input, View{.frame = &frame}));
    if (!method.is_string() || !http_token_ok(method.get_ref<const std::string&>()))
      return bad_call("HTTP_METHOD", "The method is " + shorten(method.dump()) + ", which is not an HTTP method.",
                      "Let it give for example \"GET\".");
    call.method = method;
    for (char& c : call.method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    CARILLON_TRY(call.url, http_url(task, frame));
    CARILLON_CHECK(http_headers(task, frame, call));
    return http_body(task, frame, call);
  };
  if (Status built = build(); !built) return raise(error_of(built.error(), frame.task));
  call.id = s.next_effect++;
  const std::uint64_t visit = ++s.visits[frame.task];
  call.idempotency_key = s.run_key + ":" + frame.task + ":" + std::to_string(visit);
  // The timers judge timeouts; the call's own is a little longer, so that a timeout is always told the same way.
  call.timeout = time_left() + Duration{1'000'000};
  record(frame, StepRecord::State::running);
  out_.effects.emplace_back(call);
  s.pending.push_back({frame.task, std::move(call)});
}

Result<std::string> RunMachine::http_url(const dsl::HttpTask& task, const Frame& frame) {
  const View view{.frame = &frame};
  CARILLON_TRY(Json endpoint, evaluate(task.endpoint, frame.input, view));
  if (!endpoint.is_string())
    return bad_call("HTTP_ENDPOINT", "The endpoint is " + shorten(endpoint.dump()) + ", not a text.",
                    "Let it give an address.");
  std::string url = endpoint;
  if (task.endpoint.constant()) {
    CARILLON_TRY(url, expand_uri_template(url, frame.input));
  }
  // What begins with a secret is judged when it is sent.
  if (!http_url_ok(url) && !url.starts_with(kSecretStandIn))
    return bad_call("HTTP_ENDPOINT", "The endpoint " + shorten(url) + " is not an http or https address.",
                    "Let it give for example https://example.com/orders.");
  url.resize(std::min(url.find('#'), url.size()));
  CARILLON_TRY(Json query, evaluate(task.query, frame.input, view));
  if (query.is_null()) return url;
  if (!query.is_object())
    return bad_call("HTTP_QUERY", "The query is " + shorten(query.dump()) + ", not an object.",
                    "Let it give an object.");
  for (const auto& [name, value] : query.items()) {
    if (value.is_null()) continue;
    const Json list = value.is_array() ? value : Json::array({value});
    for (const Json& item : list) {
      auto text = scalar_text(item);
      if (!text)
        return bad_call("HTTP_QUERY", "The query's \"" + shorten(name) + "\" is " + shorten(value.dump()) + ".",
                        "Give a text, number, boolean or a list of those.");
      add_query(url, name, *text);
    }
  }
  return url;
}

Status RunMachine::http_headers(const dsl::HttpTask& task, const Frame& frame, HttpCall& call) {
  CARILLON_TRY(Json headers, evaluate(task.headers, frame.input, View{.frame = &frame}));
  if (headers.is_null()) return ok();
  if (!headers.is_object())
    return bad_call("HTTP_HEADERS", "The headers are " + shorten(headers.dump()) + ", not an object.",
                    "Let it give an object.");
  for (const auto& [name, value] : headers.items()) {
    if (value.is_null()) continue;
    auto text = scalar_text(value);
    if (!text || !http_token_ok(name) || http_header_reserved(name) || !http_header_value_ok(*text))
      return bad_call("HTTP_HEADERS", "The header \"" + shorten(name) + "\" cannot be sent.",
                      "Give a text without line breaks under a header name that is not the hub's own.");
    call.headers.emplace_back(name, std::move(*text));
  }
  return ok();
}

Status RunMachine::http_body(const dsl::HttpTask& task, const Frame& frame, HttpCall& call) {
  if (!task.body) return ok();
  CARILLON_TRY(Json body, evaluate(*task.body, frame.input, View{.frame = &frame}));
  const std::string_view type = header_value(call.headers, "content-type");
  if (type.empty()) {
    call.headers.emplace_back("Content-Type", "application/json");
    call.body = dump_json(body);
  } else {
    call.body = body.is_string() && !json_content(type) ? body.get<std::string>() : dump_json(body);
  }
  return ok();
}

void RunMachine::http_completed(const HttpCompleted& event) {
  InterpreterState& s = state();
  auto found = std::ranges::find_if(s.pending, [&](const PendingEffect& p) {
    const auto* call = std::get_if<HttpCall>(&p.effect);
    return call != nullptr && call->id == event.id;
  });
  if (found == s.pending.end()) return;
  const HttpCall call = std::move(std::get<HttpCall>(found->effect));
  s.pending.erase(found);
  const std::string reference = s.frames.back().task;
  const auto& task = std::get<dsl::HttpTask>(task_of(s.frames.back()).kind);
  const std::string what = call.method + " " + public_url(call.url);
  if (event.error) {
    const bool late = event.error->code == "TIMEOUT";
    if (event.error->code.starts_with("SECRET_"))
      raise({std::string(error_type::kConfiguration), 400, what + " was not sent", event.error->code + ": " + event.error->message, reference});
    else raise({std::string(late ? error_type::kTimeout : error_type::kCommunication), late ? 408 : 500,
           what + " got no answer", event.error->code + ": " + event.error->message, reference});
  } else if (event.status < 200 || event.status >= (task.redirect ? 400 : 300)) {
    const std::string excerpt = storable_text(event.body) ? shorten(event.body, 500) : "";
    raise({std::string(error_type::kCommunication), event.status, what + " answered " + std::to_string(event.status),
           excerpt, reference});
  } else if (auto output = http_output(task, call, event); !output) {
    raise({std::string(error_type::kCommunication), 500, what + " gave an answer that cannot be used",
           output.error().message + " " + output.error().remedy, reference});
  } else {
    complete(std::move(*output));
  }
  run();
}

Result<Json> RunMachine::http_output(const dsl::HttpTask& task, const HttpCall& call, const HttpCompleted& event) {
  if (task.output == dsl::HttpTask::Output::raw) return Json(base64_text(event.body));
  Json content;
  if (json_content(header_value(event.headers, "content-type")) && !event.body.empty()) {
    CARILLON_TRY(content, parse_json(event.body, {.bytes = limits_.data_bytes}));
  } else if (!event.body.empty()) {
    if (!storable_text(event.body))
      return bad_call("HTTP_CONTENT", "The content is neither JSON nor UTF-8 text.",
                      "Use output: raw to get it in base64.");
    content = event.body;
  }
  if (task.output == dsl::HttpTask::Output::content) return content;
  auto as_object = [](const HttpHeaders& headers) {
    Json out = Json::object();
    for (const auto& [name, value] : headers) {
      if (!storable_text(value)) continue;
      Json& slot = out[lower_text(name)];
      slot = slot.is_string() ? slot.get<std::string>() + ", " + value : value;
    }
    return out;
  };
  return Json{{"request", {{"method", call.method}, {"uri", call.url}, {"headers", as_object(call.headers)}}},
              {"statusCode", event.status},
              {"headers", as_object(event.headers)},
              {"content", std::move(content)}};
}

}  // namespace carillon
