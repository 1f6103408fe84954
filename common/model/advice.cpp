#include "common/model/advice.hpp"

namespace bullpen::model {

std::string with_name(std::string_view advice, std::string_view account) {
    constexpr std::string_view k_placeholder = "NAME";
    std::string text(advice);
    for (auto at = text.find(k_placeholder); at != std::string::npos;
         at = text.find(k_placeholder, at + account.size()))
        text.replace(at, k_placeholder.size(), account);
    return text;
}

}  // namespace bullpen::model
