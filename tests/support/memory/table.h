#pragma once
#include <functional>
#include <map>
#include <stdexcept>
#include <vector>

namespace carillon::memory {

/// How to take back what a transaction wrote, newest first.
class UndoLog {
 public:
  void begin() {
    if (open_) throw std::logic_error("a transaction was opened inside a transaction");
    open_ = true;
  }
  /// Every write is noted here before it happens; one outside of a transaction is a mistake of the caller.
  void note(std::function<void()> undo) {
    if (!open_) throw std::logic_error("a write outside of a transaction");
    undo_.push_back(std::move(undo));
  }
  bool wrote() const { return !undo_.empty(); }
  void commit() { close(); }
  void rollback() {
    while (!undo_.empty()) {
      undo_.back()();
      undo_.pop_back();
    }
    close();
  }

 private:
  void close() {
    undo_.clear();
    open_ = false;
  }
  bool open_ = false;
  std::vector<std::function<void()>> undo_;
};

/// Rows by key, in key order. Every change can be taken back until the transaction commits.
template <class Key, class Row>
class Table {
 public:
  explicit Table(UndoLog& undo) : undo_(undo) {}
  const Row* find(const Key& key) const {
    auto it = rows_.find(key);
    return it == rows_.end() ? nullptr : &it->second;
  }
  /// Inserts or replaces.
  void put(const Key& key, Row row) {
    remember(key);
    rows_.insert_or_assign(key, std::move(row));
  }
  /// Changes one row in place; false when there is none.
  template <class Change>
  bool edit(const Key& key, Change&& change) {
    auto it = rows_.find(key);
    if (it == rows_.end()) return false;
    remember(key);
    change(it->second);
    return true;
  }
  bool erase(const Key& key) {
    if (!rows_.contains(key)) return false;
    remember(key);
    rows_.erase(key);
    return true;
  }
  template <class Condition>
  void erase_if(Condition&& condition) {
    std::vector<Key> keys;
    for (const auto& [key, row] : rows_)
      if (condition(key, row)) keys.push_back(key);
    for (const auto& key : keys) erase(key);
  }
  const std::map<Key, Row>& rows() const { return rows_; }

 private:
  void remember(const Key& key) {
    auto it = rows_.find(key);
    if (it == rows_.end())
      undo_.note([this, key] { rows_.erase(key); });
    else
      undo_.note([this, key, old = it->second] { rows_.insert_or_assign(key, old); });
  }
  UndoLog& undo_;
  std::map<Key, Row> rows_;
};

}  // namespace carillon::memory
