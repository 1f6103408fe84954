// Approved<T>: a value that passed the risk gate. Nothing else can make one, so whatever takes an
// Approved order cannot be given one that was not checked.
#pragma once

#include <utility>

namespace bullpen::risk {

class RiskGate;

template <class T>
class Approved {
  public:
    const T& operator*() const { return value_; }
    const T* operator->() const { return &value_; }

  private:
    friend class RiskGate;
    explicit Approved(T value) : value_(std::move(value)) {}
    T value_;
};

}  // namespace bullpen::risk
