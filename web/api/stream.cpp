#include "web/api/stream.h"

namespace carillon::api {
namespace {

constexpr int kBatchesAtOnce = 200;

class StreamSession final : public web::WebSocketSession {
 public:
  StreamSession(StreamHub& hub, TenantContext who, std::optional<std::int64_t> since)
      : hub_(hub), subscriber_(std::make_shared<StreamHub::Subscriber>()), since_(since) {
    for (const char* topic : {"schedules", "runs", "workflows", "alerts"})
      if (who.may(std::string(topic) + ".view")) subscriber_->topics.insert(topic);
    if (subscriber_->topics.contains("schedules")) subscriber_->topics.insert({"bulk", "backfills", "maintenance"});
    subscriber_->who = std::move(who);
  }
  void on_ready(std::shared_ptr<web::WebSocketPeer> peer) override {
    subscriber_->peer = std::move(peer);
    hub_.subscribe(subscriber_, since_);
  }
  void on_message(std::string) override {}  // nothing is asked over the socket
  void on_close(std::uint16_t) override { hub_.unsubscribe(subscriber_); }

 private:
  StreamHub& hub_;
  std::shared_ptr<StreamHub::Subscriber> subscriber_;
  std::optional<std::int64_t> since_;
};

Json visible_events(const Json& events, const std::set<std::string>& topics) {
  Json out = Json::array();
  for (const auto& event : events)
    if (topics.contains(event.value("topic", ""))) out.push_back(event);
  return out;
}

}  // namespace

StreamHub::StreamHub(Database& db, EventStore& events, Authenticator& authenticator, Logger& log)
    : db_(db), events_(events), authenticator_(authenticator), loop_("stream", log, [this] { return tick(); }) {}

StreamHub::~StreamHub() { loop_.stop(); }

std::size_t StreamHub::sessions() const {
  std::lock_guard lock(mutex_);
  std::size_t n = 0;
  for (const auto& [_, set] : subscribers_) n += set.size();
  return n;
}

web::WebSocketEndpoint StreamHub::endpoint() {
  return {[this](const web::Request& request, const web::PathParams&) -> Result<std::unique_ptr<web::WebSocketSession>> {
    CARILLON_TRY(auto who, authenticator_.authenticate(request));
    std::optional<std::int64_t> since;
    if (auto text = request.query_value("since"); text && !text->empty()) {
      auto number = Json::parse(*text, nullptr, false);
      if (!number.is_number_integer())
        return Error{ErrorCode::malformed, "PARAMETER_INVALID", "since is not a sequence number.", "since", shorten(*text),
                     "Send the seq of the last message, or nothing.", {}};
      since = number.get<std::int64_t>();
    }
    return std::unique_ptr<web::WebSocketSession>(std::make_unique<StreamSession>(*this, std::move(who), since));
  }};
}

void StreamHub::subscribe(std::shared_ptr<Subscriber> subscriber, std::optional<std::int64_t> since) {
  std::int64_t head = 0, tail = 0;
  Instant now;
  const TenantId tenant = subscriber->who.tenant;
  Status read = db_.in_tenant(tenant, [&](Tx& tx) -> Status {
    now = tx.now();
    CARILLON_TRY(head, events_.head(tx, tenant));
    CARILLON_TRY(tail, events_.tail(tx, tenant));
    return ok();
  });
  if (!read) return subscriber->peer->close(web::close_code::kTryAgainLater, "the database is away");
  const bool lost = since && (*since + 1 < tail || *since > head);
  subscriber->seq = since && !lost ? *since : head;
  Json hello{{"seq", subscriber->seq}, {"server_time", format_instant(now)}, {"events", Json::array()}, {"hello", true}};
  if (lost) hello["reset"] = true;
  subscriber->peer->send(dump_json(hello));
  {
    std::lock_guard lock(mutex_);
    subscribers_[tenant].insert(subscriber);
  }
  loop_.notify();
}

void StreamHub::unsubscribe(const std::shared_ptr<Subscriber>& subscriber) {
  std::lock_guard lock(mutex_);
  auto it = subscribers_.find(subscriber->who.tenant);
  if (it == subscribers_.end()) return;
  it->second.erase(subscriber);
  if (it->second.empty()) subscribers_.erase(it);
}

Duration StreamHub::tick() {
  std::map<TenantId, std::vector<std::shared_ptr<Subscriber>>> all;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [tenant, set] : subscribers_) all[tenant].assign(set.begin(), set.end());
  }
  bool more = false;
  for (auto& [tenant, subscribers] : all) {
    std::int64_t from = subscribers.front()->seq;
    for (const auto& s : subscribers) from = std::min(from, s->seq);
    auto batches = transact(db_, tenant, [&, id = tenant](Tx& tx) { return events_.after(tx, id, from, kBatchesAtOnce); });
    if (!batches) continue;
    more = more || batches->size() == kBatchesAtOnce;
    for (const auto& batch : *batches)
      for (const auto& s : subscribers) {
        if (batch.seq <= s->seq) continue;
        s->seq = batch.seq;
        Json events = visible_events(batch.events, s->topics);
        s->peer->send(dump_json({{"seq", batch.seq}, {"server_time", format_instant(batch.at)}, {"events", std::move(events)}}));
      }
  }
  return more ? Duration{0} : Duration{1'000'000};
}

}  // namespace carillon::api
