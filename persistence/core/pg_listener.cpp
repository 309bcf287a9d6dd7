#include "persistence/core/pg_listener.h"

#include <pqxx/pqxx>

namespace carillon::pg {
namespace {

std::set<std::string> split_topics(const std::string& payload) {
  std::set<std::string> out;
  std::size_t begin = 0;
  while (begin < payload.size()) {
    std::size_t end = std::min(payload.find(',', begin), payload.size());
    out.insert(payload.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

class TopicReceiver final : public pqxx::notification_receiver {
 public:
  TopicReceiver(pqxx::connection_base& connection, std::set<std::string>& topics)
      : pqxx::notification_receiver(connection, "carillon"), topics_(topics) {}
  void operator()(const std::string& payload, int) override { topics_.merge(split_topics(payload)); }

 private:
  std::set<std::string>& topics_;
};

}  // namespace

void PgListener::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void PgListener::stop() {
  stopping_ = true;
  wakeup_.notify();
  if (thread_.joinable()) thread_.join();
}

void PgListener::run() {
  while (!stopping_) {
    try {
      listen();
    } catch (const std::exception& e) {
      if (!stopping_) log_.warn("notifications lost", {{"error", e.what()}});
    }
    if (!stopping_) wakeup_.wait_for(std::chrono::milliseconds(500));
  }
}

void PgListener::listen() {
  pqxx::connection connection(url_);
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma clang diagnostic pop
  std::set<std::string> topics = {"runs", "jobs", "events"};
  TopicReceiver receiver(connection, topics);
  while (!stopping_) {
    if (!topics.empty()) heard_(topics);
    topics.clear();
    connection.await_notification(0, 250'000);
    while (connection.get_notifs() > 0) {
    }
  }
}

}  // namespace carillon::pg
