// Secret: bytes that cannot be printed, compared by accident, copied or left behind. It has no
// formatter and no stream operator; its memory is wiped before it is given back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bullpen {

class Secret {
  public:
    Secret() = default;
    // Takes the bytes over and wipes the source.
    explicit Secret(std::string&& bytes);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    // The one way to the bytes; the name is there to be searched for in reviews.
    [[nodiscard]] std::string_view reveal() const { return bytes_; }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }

  private:
    std::string bytes_;
};

}  // namespace bullpen
