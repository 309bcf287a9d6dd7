#include "engine/expr/big_stack.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <exception>
#include <new>

namespace carillon {
namespace {

constexpr std::size_t kGuardBytes = 64 * 1024;
constexpr std::size_t kKeptBytes = 256 * 1024;

struct StackSwitch {
  const std::function<void()>* work;
  ucontext_t back;
  std::exception_ptr thrown;
};

/// makecontext hands over ints only, so the pointer comes in two halves.
void big_stack_entry(unsigned high, unsigned low) {
  auto* s = reinterpret_cast<StackSwitch*>(static_cast<std::uintptr_t>(high) << 32 | low);
  try {
    (*s->work)();
  } catch (...) {
    s->thrown = std::current_exception();
  }
}

}  // namespace

BigStack::BigStack(std::size_t bytes) : bytes_(bytes) {
  base_ =
      ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (base_ == MAP_FAILED) throw std::bad_alloc();
  ::mprotect(base_, kGuardBytes, PROT_NONE);
}

BigStack::~BigStack() {
  ::munmap(base_, bytes_);
}

void BigStack::run(const std::function<void()>& work) {
  StackSwitch s{&work, {}, nullptr};
  ucontext_t inside;
  ::getcontext(&inside);
  inside.uc_stack.ss_sp = base_;
  inside.uc_stack.ss_size = bytes_;
  inside.uc_link = &s.back;
  const auto address = reinterpret_cast<std::uintptr_t>(&s);
  ::makecontext(&inside, reinterpret_cast<void (*)()>(&big_stack_entry), 2, static_cast<unsigned>(address >> 32),
                static_cast<unsigned>(address));
  ::swapcontext(&s.back, &inside);
  // Stacks grow downwards: one page well below the usual depth tells whether there is anything to give back.
  unsigned char touched = 0;
  char* const probe = static_cast<char*>(base_) + bytes_ - kKeptBytes;
  if (::mincore(probe - 4096, 4096, &touched) == 0 && (touched & 1) != 0)
    ::madvise(static_cast<char*>(base_) + kGuardBytes, bytes_ - kGuardBytes - kKeptBytes, MADV_DONTNEED);
  if (s.thrown) std::rethrow_exception(s.thrown);
}

}  // namespace carillon
