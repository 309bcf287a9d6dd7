#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema/program.h"

namespace carillon::schema {

/// Members of an object or elements of an array that some keyword has spoken of, by position.
class Marks {
 public:
  void set(std::size_t i) {
    if (i < 64) {
      few_ |= 1ull << i;
      return;
    }
    const std::size_t word = i / 64 - 1;
    if (many_.size() <= word) many_.resize(word + 1);
    many_[word] |= 1ull << (i % 64);
  }
  bool test(std::size_t i) const {
    if (all_) return true;
    if (i < 64) return few_ >> i & 1;
    const std::size_t word = i / 64 - 1;
    return word < many_.size() && (many_[word] >> (i % 64) & 1);
  }
  void set_all() { all_ = true; }
  void merge(const Marks& o) {
    all_ = all_ || o.all_;
    few_ |= o.few_;
    if (many_.size() < o.many_.size()) many_.resize(o.many_.size());
    for (std::size_t i = 0; i < o.many_.size(); ++i) many_[i] |= o.many_[i];
  }

 private:
  std::uint64_t few_ = 0;
  std::vector<std::uint64_t> many_;
  bool all_ = false;
};

/// Where an evaluation stands in the instance.
struct PathStep {
  std::string_view key;  ///< of a member; unused for an element
  std::uint32_t position = 0;
  bool member = false;
};
using Path = std::vector<PathStep>;

struct Finding {
  Violation violation;
  std::vector<std::uint32_t> order;  ///< positions from the root: document order
  std::size_t sequence = 0;          ///< among findings of one place, the first found first
};

/// Takes violations as they are found and gives them out in document order.
class Collector {
 public:
  Collector(const Path& path, std::size_t limit) : path_(path), limit_(limit) {}

  bool full() const { return found_.size() >= limit_ || bytes_ >= kMaxBytes; }
  void add(const Node& node, const char* keyword, std::string message, Json params);
  /// As add, at a member of the current instance.
  void add_at_member(const Node& node, const char* keyword, std::string_view member, std::uint32_t position,
                     std::string message, Json params);
  void take(Collector&& other);
  const std::vector<Finding>& found() const { return found_; }
  std::size_t limit() const { return limit_; }
  /// Sorted, without duplicates, at most `max`.
  std::vector<Violation> finish(std::size_t max) &&;

 private:
  /// Pointers and parameters repeat what the payload and the schema say, for every violation.
  static constexpr std::size_t kMaxBytes = 4u << 20;

  const Path& path_;
  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::vector<Finding> found_;
};

/// "a string", "an integer or null": the types of a mask, for messages.
std::string describe_types(std::uint8_t types);
/// As `type` spells them: one name, or an array of names.
Json type_names(std::uint8_t types);
/// Whether a value is short enough to be repeated in the parameters of every violation.
bool is_short(const Json& value);
/// A value shortened for a message.
std::string describe_value(const Json& value);

}  // namespace carillon::schema
