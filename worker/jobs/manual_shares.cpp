#include "worker/jobs/manual_shares.hpp"

#include <algorithm>

#include "common/base/trimmed.hpp"

namespace bullpen::jobs {

std::set<std::string> manual_shares(std::string_view list) {
    std::set<std::string> shares;
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        if (const auto symbol = trimmed(list.substr(0, end)); !symbol.empty())
            shares.emplace(symbol);
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return shares;
}

}  // namespace bullpen::jobs
