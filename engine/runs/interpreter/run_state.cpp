#include "engine/runs/interpreter/run_state.h"

#include <algorithm>

namespace carillon {
namespace {

Json call_to_json(const HttpCall& c) {
  Json headers = Json::array();
  for (const auto& [name, value] : c.headers) headers.push_back({name, value});
  return {{"id", c.id},
          {"m", c.method},
          {"u", c.url},
          {"h", headers},
          {"b", c.body},
          {"t", c.timeout.count()},
          {"k", c.idempotency_key}};
}

HttpCall call_from_json(const Json& v) {
  HttpCall c{v.at("id"), v.at("m"), v.at("u"), {}, v.at("b"), Duration{v.at("t").get<std::int64_t>()}, v.at("k")};
  for (const Json& h : v.at("h")) c.headers.emplace_back(h.at(0), h.at(1));
  return c;
}

Json pending_to_json(const PendingEffect& p) {
  if (const auto* call = std::get_if<HttpCall>(&p.effect)) return {{"t", p.task}, {"http", call_to_json(*call)}};
  const auto& wait = std::get<Wait>(p.effect);
  return {{"t", p.task}, {"wait", {wait.id, wait.until.us, static_cast<int>(wait.purpose)}}};
}

PendingEffect pending_from_json(const Json& v) {
  if (v.contains("http")) return {v.at("t"), call_from_json(v.at("http"))};
  const Json& w = v.at("wait");
  return {v.at("t"),
          Wait{w.at(0), Instant{w.at(1).get<std::int64_t>()}, static_cast<Wait::Purpose>(w.at(2).get<int>())}};
}

Json frame_to_json(const Frame& f) {
  Json v = {{"t", f.task}, {"s", f.step}, {"at", f.started.us}, {"i", f.input}};
  if (f.raw_input) v["r"] = *f.raw_input;
  if (f.phase != Frame::Phase::body) v["p"] = static_cast<int>(f.phase);
  if (f.attempt != 1) v["n"] = f.attempt;
  if (f.error) v["e"] = f.error->to_json();
  if (!f.visits_before.empty()) v["v"] = f.visits_before;
  return v;
}

Frame frame_from_json(const Json& v) {
  Frame f;
  f.task = v.at("t");
  f.step = v.at("s");
  f.started = Instant{v.at("at").get<std::int64_t>()};
  f.input = v.at("i");
  if (v.contains("r")) f.raw_input = v.at("r");
  f.phase = static_cast<Frame::Phase>(v.value("p", 0));
  f.attempt = v.value("n", 1);
  if (v.contains("e")) f.error = RunError::from_json(v.at("e"));
  if (v.contains("v")) f.visits_before = v.at("v").get<std::map<std::string, std::uint64_t>>();
  return f;
}

}  // namespace

Json RunError::to_json() const {
  Json v = {{"type", type}, {"status", status}};
  if (!title.empty()) v["title"] = title;
  if (!detail.empty()) v["detail"] = detail;
  if (!instance.empty()) v["instance"] = instance;
  return v;
}

RunError RunError::from_json(const Json& v) {
  return {v.at("type"), v.at("status"), v.value("title", ""), v.value("detail", ""), v.value("instance", "")};
}

std::optional<Instant> InterpreterState::next_due() const {
  std::optional<Instant> due;
  for (const PendingEffect& p : pending)
    if (const auto* wait = std::get_if<Wait>(&p.effect)) due = due ? std::min(*due, wait->until) : wait->until;
  return due;
}

bool InterpreterState::awaits_http() const {
  return std::ranges::any_of(pending,
                             [](const PendingEffect& p) { return std::holds_alternative<HttpCall>(p.effect); });
}

Json InterpreterState::to_json() const {
  Json v = {{"ph", static_cast<int>(phase)},
            {"run", run_id},
            {"key", run_key},
            {"at", started.us},
            {"in", input},
            {"rt", runtime},
            {"ctx", context},
            {"data", data},
            {"next", next},
            {"eff", next_effect},
            {"steps", steps}};
  Json& all_frames = v["frames"] = Json::array();
  for (const Frame& f : frames) all_frames.push_back(frame_to_json(f));
  Json& all_pending = v["pend"] = Json::array();
  for (const PendingEffect& p : pending) all_pending.push_back(pending_to_json(p));
  if (!visits.empty()) v["vis"] = visits;
  return v;
}

Result<InterpreterState> InterpreterState::from_json(const Json& v) {
  try {
    InterpreterState s;
    s.phase = static_cast<Phase>(v.at("ph").get<int>());
    s.run_id = v.at("run");
    s.run_key = v.at("key");
    s.started = Instant{v.at("at").get<std::int64_t>()};
    s.input = v.at("in");
    s.runtime = v.at("rt");
    s.context = v.at("ctx");
    s.data = v.at("data");
    s.next = v.at("next");
    s.next_effect = v.at("eff");
    s.steps = v.at("steps");
    for (const Json& f : v.at("frames")) s.frames.push_back(frame_from_json(f));
    for (const Json& p : v.at("pend")) s.pending.push_back(pending_from_json(p));
    if (v.contains("vis")) s.visits = v.at("vis").get<std::map<std::string, std::uint64_t>>();
    return s;
  } catch (const Json::exception& e) {
    return Error{ErrorCode::internal,
                 "RUN_STATE_UNREADABLE",
                 "The stored state of the run cannot be read.",
                 "",
                 shorten(e.what()),
                 "Retry the run from its beginning.",
                 {}};
  }
}

}  // namespace carillon
