#include "common/base/errc.hpp"

#include <string>

namespace bullpen {

namespace {

class Category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "bullpen"; }
    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<Errc>(value)) {
            case Errc::invalid: return "invalid";
            case Errc::not_found: return "not found";
            case Errc::locked: return "held by somebody else";
            case Errc::wrong_account: return "belongs to another account";
            case Errc::newer_version: return "written by a newer version";
            case Errc::corrupt: return "damaged";
            case Errc::too_large: return "over the limit";
            case Errc::timed_out: return "timed out";
            case Errc::refused: return "refused";
            case Errc::unavailable: return "not available";
            case Errc::exhausted: return "used up";
        }
        return "unknown error";
    }
};

}  // namespace

std::error_code make_error_code(Errc code) {
    static const Category category;
    return {static_cast<int>(code), category};
}

}  // namespace bullpen
