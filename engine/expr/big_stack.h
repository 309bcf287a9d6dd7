#pragma once
#include <cstddef>
#include <functional>

namespace carillon {

/// A stack of its own for work whose recursion the input decides: jq frees and walks its values recursively, and an
/// expression can nest them a million deep within its time. Only address space until it is used. One thread at a time.
class BigStack {
 public:
  explicit BigStack(std::size_t bytes);  ///< throws std::bad_alloc
  ~BigStack();
  BigStack(const BigStack&) = delete;
  BigStack& operator=(const BigStack&) = delete;
  /// Runs `work` to its end on this stack, in the calling thread; lets its exceptions through. Gives memory back to the
  /// system where much was used.
  void run(const std::function<void()>& work);

 private:
  void* base_;
  std::size_t bytes_;
};

}  // namespace carillon
