#include "web/app/log/log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "web/app/log/format.h"

namespace carillon {
namespace {

constexpr std::size_t kWaitingLines = 8192;

/// Writes ready-made lines to a descriptor. Only the logger's own thread gets here.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string line(message.payload.data(), message.payload.size());
    line += '\n';
    for (std::string_view rest = line; !rest.empty();) {
      const auto written = ::write(descriptor_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // nobody reads any more, and there is no other place to say so
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void flush_() override {}

 private:
  int descriptor_;
};

class SpdLogger final : public Logger {
 public:
  SpdLogger(const LogOptions& options, const Clock& clock)
      : clock_(clock),
        level_(options.level),
        terminal_(::isatty(options.descriptor) == 1),
        json_(options.format == LogFormat::json || (options.format == LogFormat::automatic && !terminal_)),
        pool_(std::make_shared<spdlog::details::thread_pool>(kWaitingLines, 1)),
        logger_(std::make_shared<spdlog::async_logger>("carillon", std::make_shared<DescriptorSink>(options.descriptor),
                                                       pool_, spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_level(spdlog::level::trace);
  }

  ~SpdLogger() override {
    report_dropped();
    logger_.reset();
    pool_.reset();  // joins its thread after the last line
  }

  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override {
    if (level < level_) return;
    report_dropped();
    submit(level, event, fields);
  }

 private:
  void submit(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    const Instant now = clock_.now();
    const std::string line =
        json_ ? format_json_line(now, level, event, fields) : format_pretty_line(now, level, event, fields, terminal_);
    logger_->log(spdlog::level::info, spdlog::string_view_t(line));
  }
  /// Says how many lines were lost: when the queue has room again, and during a flood only now and then.
  void report_dropped() {
    const std::size_t reported = reported_.load();
    const std::size_t fresh = pool_->overrun_counter() - reported;
    const bool flood = pool_->queue_size() > kWaitingLines / 2;
    if (fresh == 0 || (flood && fresh < kWaitingLines / 8)) return;
    reported_ = reported + fresh;
    submit(LogLevel::warn, "log lines dropped", {{"lines", fresh}});
  }

  const Clock& clock_;
  LogLevel level_;
  bool terminal_;
  bool json_;
  std::atomic<std::size_t> reported_{0};
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace

std::unique_ptr<Logger> make_logger(const LogOptions& options, const Clock& clock) {
  return std::make_unique<SpdLogger>(options, clock);
}

LogFormat log_format_of(std::string_view name) {
  return name == "json" ? LogFormat::json : name == "pretty" ? LogFormat::pretty : LogFormat::automatic;
}

LogLevel log_level_of(std::string_view name) {
  return name == "debug"   ? LogLevel::debug
         : name == "warn"  ? LogLevel::warn
         : name == "error" ? LogLevel::error
                           : LogLevel::info;
}

}  // namespace carillon
