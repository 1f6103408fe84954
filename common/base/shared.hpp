// Shared<T>: a value that its copies keep once. Whoever changes his gets one of his own; equal ones
// that were made apart can be put together. Never empty, not even when it was moved from.
//
// A reference to the value stays good until its Shared is edited, assigned or destroyed. Copies may
// be used from different threads; one Shared, as any object, from one.
#pragma once

#include <memory>
#include <utility>

namespace bullpen {

template <class T>
class Shared {
  public:
    Shared() : value_(initial()) {}
    // A value is one that nobody else has yet.
    Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}  // NOLINT
    // Without moves there is none that is empty.
    Shared(const Shared&) = default;
    Shared& operator=(const Shared&) = default;
    ~Shared() = default;

    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_.get(); }
    operator const T&() const { return *value_; }  // NOLINT

    // To be changed at once: the reference is not to be kept.
    T& edit() {
        auto own = std::make_shared<T>(*value_);
        T& value = *own;
        value_ = std::move(own);
        return value;
    }
    // Keeps the other's value where both are equal.
    void share(const Shared& other) {
        if (value_ != other.value_ && *value_ == *other.value_)
            value_ = other.value_;
    }

    friend bool operator==(const Shared& left, const Shared& right) {
        return left.value_ == right.value_ || *left.value_ == *right.value_;
    }

  private:
    static const std::shared_ptr<const T>& initial() {
        static const auto k_initial = std::make_shared<const T>();
        return k_initial;
    }

    std::shared_ptr<const T> value_;
};

}  // namespace bullpen
