// Rolling: a list that grows at its end and is forgotten at its beginning. Taking the oldest away
// leaves a gap in front, which is closed once for many of them, so that a list of bounded length
// costs no move of all its elements with each new one. References to elements are good until the
// next push or erase, as those of a vector.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace bullpen::execution {

template <class T>
class Rolling {
  public:
    // Room for so many elements without another allocation, if no more are ever in it.
    void reserve(std::size_t count) { items_.reserve(2 * count + 1); }

    [[nodiscard]] std::size_t size() const { return items_.size() - gap_; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] T& operator[](std::size_t i) { return items_[gap_ + i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const { return items_[gap_ + i]; }
    [[nodiscard]] T& back() { return items_.back(); }
    [[nodiscard]] const T& back() const { return items_.back(); }
    [[nodiscard]] const T& front() const { return items_[gap_]; }
    [[nodiscard]] auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(gap_); }
    [[nodiscard]] auto end() { return items_.end(); }
    [[nodiscard]] auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(gap_); }
    [[nodiscard]] auto end() const { return items_.end(); }
    [[nodiscard]] std::span<const T> view() const { return {items_.data() + gap_, size()}; }

    void push_back(T item) { items_.push_back(std::move(item)); }
    T& emplace_back() { return items_.emplace_back(); }
    void clear() {
        items_.clear();
        gap_ = 0;
    }
    void erase(std::size_t i) {
        if (i != 0) {
            items_.erase(begin() + static_cast<std::ptrdiff_t>(i));
            return;
        }
        ++gap_;
        // It is closed when it is as long as what is behind it: one move for each that was taken.
        if (gap_ < size())
            return;
        items_.erase(items_.begin(), begin());
        gap_ = 0;
    }

    friend bool operator==(const Rolling& a, const Rolling& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

  private:
    std::vector<T> items_;
    std::size_t gap_ = 0;  // forgotten ones at the beginning
};

}  // namespace bullpen::execution
