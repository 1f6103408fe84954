// The files of an old bot may hold anything: reading them ends in a value or an error, a plan never
// names a path that leads out of an account's directory, and no secret of them is in what is shown.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "moving/bot_state.hpp"
#include "moving/digest.hpp"
#include "moving/equity_state.hpp"
#include "moving/orders_file.hpp"
#include "moving/plan.hpp"
#include "moving/split_files.hpp"
#include "moving/text_files.hpp"

namespace {

using namespace bullpen::moving;

void require(bool condition) {
    if (!condition)
        std::abort();
}

void check(const bullpen::Result<Plan>& plan) {
    if (!plan)
        return;
    for (const auto& account : plan->accounts) {
        for (const auto& file : account.files)
            require(!file.to.starts_with('/') && file.to.find("../") == std::string::npos);
        require(account.there_already || !account.settings_text.empty());
        require(!manifest(*plan, account, "2026-01-01T00:00:00.000Z", "/old").empty());
    }
    require(merged_users({}, *plan).has_value());
}

// Whatever a shared state is and a user's own file has, a division of it is whole.
void try_division(const std::string& text) {
    const auto state = parse_equity_state(text);
    if (!state)
        return;
    std::vector<Claimant> users{{"asha", std::nullopt, {}}, {"ravi", std::nullopt, {}}};
    for (const auto& [ticker, position] : state->positions) {
        require(position.quantity >= 0);
        const auto net = position.is_short ? -position.quantity : position.quantity;
        users[0].orders[ticker] = net / 2;
        users[1].orders[ticker] = net - net / 2;
    }
    const SplitSource source{"x", text, sha256(text)};
    const auto split = divide(*state, users);
    for (const auto& before : {std::map<std::string, std::string>{}, {{"asha", text}}}) {
        const auto files = split_files(source, split, users, before);
        if (!files)
            continue;
        auto all = before;
        for (const auto& [user, written] : files->users)
            all[user] = written;
        require(!before.empty() || check_split(source, all, files->unassigned).empty());
    }
}

Wishes wishes(bool run) {
    Wishes wishes;
    wishes.directory = "/old";
    if (run)
        wishes.command = {"/usr/bin/python3", "/old/run.py", "{user}"};
    return wishes;
}

// Whether a walk of a folder gives such a path.
bool is_of_a_walk(std::string_view path) {
    return !path.starts_with('/') && path.find("../") == std::string_view::npos;
}

// A whole folder, in which files of every name stand together: "=== PATH" and what is in it.
std::vector<OldFile> folder(std::string_view text) {
    constexpr std::string_view k_head = "=== ";
    std::vector<OldFile> files;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with(k_head))
            files.push_back({std::string(line.substr(k_head.size())), {}, true, {}});
        else if (!files.empty())
            files.back().text += std::string(line) + "\n";
    }
    std::erase_if(files, [](const OldFile& file) { return !is_of_a_walk(file.path); });
    return files;
}

void try_folder(std::string_view text, bool futures, bool run) {
    const auto files = folder(text);
    check(futures ? plan_futures_bot(files, wishes(run), {})
                  : plan_equity_bot(files, wishes(run), {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const bool run = (data[0] & 0x80U) != 0;
    if ((data[0] & 0x40U) != 0) {
        try_folder(text, (data[0] & 1U) == 0, run);
        return 0;
    }
    switch (data[0] % 6) {
        case 0:
            check(plan_futures_bot(std::vector<OldFile>{{"config.json", text, true, {}}},
                                   wishes(run), {}));
            break;
        case 1:
            check(
                plan_futures_bot(std::vector<OldFile>{{".env", text, true, {}}}, wishes(run), {}));
            break;
        case 2:
            check(plan_equity_bot(std::vector<OldFile>{{"config.ini", text, true, {}}}, wishes(run),
                                  {}));
            break;
        case 3:
            if (const auto state = parse_bot_state(text)) {
                for (const auto& one : state->open)
                    require(one.quantity != 0);
            }
            break;
        case 4: try_division(text); break;
        default: static_cast<void>(parse_orders(text)); static_cast<void>(parse_holdings(text));
    }
    return 0;
}
