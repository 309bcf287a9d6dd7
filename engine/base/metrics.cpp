#include "engine/base/metrics.h"

#include <cstdio>

namespace carillon {
namespace {

std::string metric_number(double v) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.9g", v);
  return buffer;
}

std::string metric_line(const std::string& name, const std::string& labels, const std::string& value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
}

}  // namespace

const std::vector<double>& Histogram::bounds() {
  static const std::vector<double> kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                              0.5,   1,      2.5,   5,    10,    60,   600};
  return kBounds;
}

void Histogram::observe(double seconds) {
  std::size_t i = 0;
  while (i < bounds().size() && seconds > bounds()[i]) ++i;
  buckets_[i].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(seconds, std::memory_order_relaxed);
}

Metrics::Family& Metrics::family(const std::string& name, const std::string& help, const std::string& type) {
  Family& f = families_[name];
  f.help = help;
  f.type = type;
  return f;
}

Counter& Metrics::counter(const std::string& name, const std::string& help, const std::string& labels) {
  std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "counter").counters[labels];
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const std::string& labels) {
  std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "gauge").gauges[labels];
  if (!slot) slot = std::make_unique<Gauge>();
  return *slot;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::string& labels) {
  std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "histogram").histograms[labels];
  if (!slot) slot = std::make_unique<Histogram>();
  return *slot;
}

std::string Metrics::text() const {
  std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, f] : families_) {
    out += "# HELP " + name + " " + f.help + "\n# TYPE " + name + " " + f.type + "\n";
    for (const auto& [labels, c] : f.counters) out += metric_line(name, labels, std::to_string(c->value()));
    for (const auto& [labels, g] : f.gauges) out += metric_line(name, labels, metric_number(g->value()));
    for (const auto& [labels, h] : f.histograms) {
      std::string comma = labels.empty() ? "" : labels + ",";
      std::int64_t total = 0;
      for (std::size_t i = 0; i < Histogram::bounds().size(); ++i) {
        total += h->bucket(i);
        out += metric_line(name + "_bucket", comma + "le=\"" + metric_number(Histogram::bounds()[i]) + "\"", std::to_string(total));
      }
      out += metric_line(name + "_bucket", comma + "le=\"+Inf\"", std::to_string(h->count()));
      out += metric_line(name + "_sum", labels, metric_number(h->sum()));
      out += metric_line(name + "_count", labels, std::to_string(h->count()));
    }
  }
  return out;
}

}  // namespace carillon
