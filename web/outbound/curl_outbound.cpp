#include "web/outbound/curl_outbound.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "web/outbound/exchange.h"

namespace carillon {
namespace {

void init_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

const TransportError kAborted{"ABORTED", "the call was given up"};

}  // namespace

struct CurlOutbound::Impl {
  struct Request {
    Ticket ticket;
    HttpCall call;
    Callback done;
  };

  Impl(OutboundOptions o, Logger& l) : options(std::move(o)), log(l) {
    init_curl_once();
    multi = curl_multi_init();
    if (multi == nullptr) throw std::runtime_error("libcurl cannot start");
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options.max_per_host));
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.max_concurrent));
  }
  ~Impl() { curl_multi_cleanup(multi); }

  void loop();
  void take_orders();
  void begin_some();
  void reap();
  void end(std::unordered_map<Ticket, std::unique_ptr<Exchange>>::iterator running_one,
           const std::function<void(Exchange&)>& how);
  void abort_everything();

  const OutboundOptions options;
  Logger& log;
  CURLM* multi;
  std::thread thread;

  // Shared with the callers.
  std::mutex mutex;
  std::vector<Request> incoming;
  std::vector<Ticket> cancelled;
  Ticket last_ticket = 0;
  std::size_t load = 0;  ///< accepted and not ended
  bool stopping = false;
  bool closed = false;  ///< the thread has gone; calls end at once

  // The thread's own.
  std::deque<Request> queue;
  std::unordered_map<Ticket, std::unique_ptr<Exchange>> running;
};

void CurlOutbound::Impl::loop() {
  for (;;) {
    take_orders();
    {
      std::lock_guard lock(mutex);
      if (stopping) break;
    }
    begin_some();
    int active = 0;
    curl_multi_perform(multi, &active);
    reap();
    begin_some();
    curl_multi_poll(multi, nullptr, 0, 1'000, nullptr);
  }
  abort_everything();
}

void CurlOutbound::Impl::take_orders() {
  std::vector<Ticket> give_up;
  {
    std::lock_guard lock(mutex);
    for (Request& r : incoming) queue.push_back(std::move(r));
    incoming.clear();
    give_up.swap(cancelled);
  }
  for (Ticket t : give_up) {
    if (auto found = running.find(t); found != running.end()) {
      end(found, [](Exchange& e) { e.fail(kAborted); });
    } else if (auto waiting = std::ranges::find(queue, t, &Request::ticket); waiting != queue.end()) {
      Request r = std::move(*waiting);
      queue.erase(waiting);
      {
        std::lock_guard lock(mutex);
        --load;
      }
      r.done(HttpOutcome{0, {}, {}, kAborted});
    }
  }
}

void CurlOutbound::Impl::begin_some() {
  while (!queue.empty() && running.size() < options.max_concurrent) {
    Request r = std::move(queue.front());
    queue.pop_front();
    auto exchange = std::make_unique<Exchange>(r.ticket, std::move(r.call), std::move(r.done), options);
    auto place = running.emplace(r.ticket, std::move(exchange)).first;
    if (auto error = place->second->prepare()) {
      end(place, [&](Exchange& e) { e.fail(*error); });
      continue;
    }
    curl_multi_add_handle(multi, place->second->easy());
  }
}

void CurlOutbound::Impl::reap() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    Exchange* exchange = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    end(running.find(exchange->ticket()), [&](Exchange& e) { e.finish(result); });
  }
}

/// Takes an exchange out before its callback runs, which may start or cancel others.
void CurlOutbound::Impl::end(std::unordered_map<Ticket, std::unique_ptr<Exchange>>::iterator running_one,
                             const std::function<void(Exchange&)>& how) {
  const std::unique_ptr<Exchange> exchange = std::move(running_one->second);
  running.erase(running_one);
  if (exchange->easy() != nullptr) curl_multi_remove_handle(multi, exchange->easy());
  {
    std::lock_guard lock(mutex);
    --load;
  }
  how(*exchange);
}

void CurlOutbound::Impl::abort_everything() {
  std::size_t ended = running.size();
  while (!running.empty()) end(running.begin(), [](Exchange& e) { e.fail(kAborted); });
  {
    std::lock_guard lock(mutex);
    closed = true;
    for (Request& r : incoming) queue.push_back(std::move(r));
    incoming.clear();
    load = 0;
  }
  ended += queue.size();
  for (Request& r : queue) r.done(HttpOutcome{0, {}, {}, kAborted});
  queue.clear();
  if (ended > 0) log.warn("outbound calls given up at stop", {{"calls", ended}});
}

CurlOutbound::CurlOutbound(OutboundOptions options, Logger& log)
    : impl_(std::make_unique<Impl>(std::move(options), log)) {}

CurlOutbound::~CurlOutbound() {
  stop();
}

void CurlOutbound::start() {
  if (impl_->thread.joinable()) return;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = impl_->closed = false;
  }
  impl_->thread = std::thread([this] { impl_->loop(); });
}

void CurlOutbound::stop() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  curl_multi_wakeup(impl_->multi);
  if (impl_->thread.joinable()) impl_->thread.join();
}

OutboundHttp::Ticket CurlOutbound::start(const HttpCall& call, Callback done) {
  std::optional<TransportError> refused;
  Ticket ticket = 0;
  {
    std::lock_guard lock(impl_->mutex);
    ticket = ++impl_->last_ticket;
    if (impl_->closed)
      refused = kAborted;
    else if (impl_->load >= impl_->options.max_concurrent + impl_->options.max_queued)
      refused = TransportError{"BUSY", "too many calls are under way already"};
    else {
      ++impl_->load;
      impl_->incoming.push_back({ticket, call, std::move(done)});
    }
  }
  if (refused)
    done(HttpOutcome{0, {}, {}, std::move(refused)});
  else
    curl_multi_wakeup(impl_->multi);
  return ticket;
}

void CurlOutbound::cancel(Ticket ticket) {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->closed) return;
    impl_->cancelled.push_back(ticket);
  }
  curl_multi_wakeup(impl_->multi);
}

}  // namespace carillon
