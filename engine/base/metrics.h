#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace carillon {

/// A number that only grows.
class Counter {
 public:
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// A number that goes up and down.
class Gauge {
 public:
  void set(double v) { value_.store(v, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Counts of observations in seconds, in fixed buckets from 1 ms to 10 min.
class Histogram {
 public:
  void observe(double seconds);
  static const std::vector<double>& bounds();
  std::int64_t bucket(std::size_t i) const { return buckets_[i].load(std::memory_order_relaxed); }
  std::int64_t count() const { return count_.load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> buckets_[16]{};
  std::atomic<std::int64_t> count_{0};
  std::atomic<double> sum_{0};
};

/// All figures of one process, as Prometheus reads them (text exposition format 0.0.4). Thread-safe; what it hands out
/// lives as long as it.
class Metrics {
 public:
  /// `labels` as they stand between the braces, e.g. verdict="started"; "" for none.
  Counter& counter(const std::string& name, const std::string& help, const std::string& labels = "");
  Gauge& gauge(const std::string& name, const std::string& help, const std::string& labels = "");
  Histogram& histogram(const std::string& name, const std::string& help, const std::string& labels = "");
  std::string text() const;

 private:
  struct Family {
    std::string help, type;
    std::map<std::string, std::unique_ptr<Counter>> counters;
    std::map<std::string, std::unique_ptr<Gauge>> gauges;
    std::map<std::string, std::unique_ptr<Histogram>> histograms;
  };
  Family& family(const std::string& name, const std::string& help, const std::string& type);
  mutable std::mutex mutex_;
  std::map<std::string, Family> families_;
};

}  // namespace carillon
