#include "common/alerts/unsold.hpp"

namespace bullpen::alerts {

namespace {

constexpr std::string_view k_begin = "NOT SOLD: ";

}  // namespace

std::string unsold_sentence(std::string_view symbol, std::string_view why) {
    return std::string(k_begin).append(symbol).append(": ").append(why);
}

std::string unsold_symbol(std::string_view text) {
    const auto begin = text.find(k_begin);
    if (begin == std::string_view::npos)
        return {};
    const auto rest = text.substr(begin + k_begin.size());
    return std::string(rest.substr(0, rest.find_first_of(": ;")));
}

}  // namespace bullpen::alerts
