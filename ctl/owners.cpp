#include "ctl/owners.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "ctl/json_writer.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::int64_t k_thousand = 1000;
constexpr std::int64_t k_paise = 100;

std::string_view policy_of(std::uint8_t opposite) {
    constexpr std::array<std::string_view, 3> k_words = {"allow", "flag", "refuse"};
    return opposite < k_words.size() ? k_words.at(opposite) : "?";
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text += (text.empty() ? "" : " ") + name;
    return text;
}

}  // namespace

HeldShares shares_of(const Home& home, std::span<const ChosenRow> rows) {
    HeldShares all;
    for (const auto& chosen : rows) {
        const auto& slot = *chosen.row->slot;
        const auto account = AccountId::parse(slot.account.view());
        if (slot.owner.empty() || slot.service != 0 || !slot.product.empty() || !account)
            continue;
        if (auto held = read_holdings(home, *account))
            all[account->str()] = std::move(*held);
    }
    return all;
}

std::vector<OwnedProduct> owners_of(std::span<const ChosenRow> rows, const HeldShares& shares) {
    // By owner, contracts before shares.
    std::map<std::tuple<std::string, bool, std::string>, OwnedProduct> all;
    const auto add = [&](const ipc::BoardSlot& slot, bool of_shares,
                         const std::string& product) -> OwnedProduct& {
        auto& owned = all[{slot.owner.str(), of_shares, product}];
        owned.owner = slot.owner.str();
        owned.policy = policy_of(slot.opposite);
        owned.shares = of_shares;
        owned.product = product;
        return owned;
    };
    for (const auto& chosen : rows) {
        const auto& slot = *chosen.row->slot;
        if (slot.owner.empty() || slot.service != 0)
            continue;
        const auto name = slot.account.str();
        const auto held_shares = shares.find(name);
        const bool of_shares = slot.product.empty() && held_shares != shares.end();
        if (of_shares && slot.quantity_known != 0 && slot.quantity != 0) {
            for (const auto& share : held_shares->second) {
                auto& owned = add(slot, true, share.symbol);
                owned.accounts.push_back(name);
                (share.paise > 0 ? owned.bought : owned.sold) +=
                    std::abs(share.paise) * k_thousand / k_paise;
            }
            continue;
        }
        auto& owned = add(slot, false, slot.product.str());
        // One that only observes or trades in the shadow holds nothing, and says so.
        const bool silent =
            slot.product.empty() && !of_shares && (slot.quantity_known == 0 || slot.flat == 0);
        if (silent || slot.quantity_known == 0) {
            owned.unknown.push_back(name);
            continue;
        }
        owned.accounts.push_back(name);
        const auto per_lot = std::max<std::int64_t>(slot.per_lot, 1);
        const auto held = slot.product.empty() ? 0 : slot.quantity * k_thousand / per_lot;
        (held > 0 ? owned.bought : owned.sold) += std::abs(held);
    }
    std::vector<OwnedProduct> made;
    made.reserve(all.size());
    for (auto& [key, owned] : all)
        made.push_back(std::move(owned));
    return made;
}

std::string lots_text(std::int64_t thousandths) {
    const auto size = std::abs(thousandths);
    std::string text = (thousandths < 0 ? "-" : "") + std::to_string(size / k_thousand);
    if (size % k_thousand == 0)
        return text;
    text += "." + std::to_string(k_thousand + size % k_thousand).substr(1);
    return text.substr(0, text.find_last_not_of('0') + 1);
}

Table owners_table(std::span<const OwnedProduct> owned) {
    Table table({{"OWNER"},
                 {"OPPOSITE"},
                 {"PRODUCT"},
                 {"NET", true},
                 {"LONG", true},
                 {"SHORT", true},
                 {"ACCOUNTS", false, 1, 10},
                 {"NOT KNOWN", false, 2, 10}});
    table.reserve(owned.size());
    for (const auto& one : owned) {
        const auto colour = one.opposite()        ? Colour::red
                            : one.unknown.empty() ? Colour::none
                                                  : Colour::yellow;
        const std::string unit = one.shares ? " INR" : "";
        const auto net = lots_text(one.net()) + unit;
        const auto bought = lots_text(one.bought) + unit;
        const auto sold = lots_text(one.sold) + unit;
        const auto accounts = joined(one.accounts);
        const auto unknown = joined(one.unknown);
        table.add({{one.owner},
                   {one.policy},
                   {one.product},
                   {net, colour},
                   {bought},
                   {sold},
                   {accounts},
                   {unknown}});
    }
    return table;
}

void append_owners_json(std::string& out, std::span<const OwnedProduct> owned) {
    JsonWriter json(out);
    const auto names = [&](std::string_view key, const std::vector<std::string>& all) {
        json.key(key).begin_array();
        for (const auto& name : all)
            json.string(name);
        json.end_array();
    };
    json.begin_object();
    json.key("owners").begin_array();
    for (const auto& one : owned) {
        json.begin_object();
        json.key("owner").string(one.owner);
        json.key("opposite").string(one.policy);
        json.key("product").string(one.product);
        json.key("unit").string(one.shares ? "INR" : "contracts");
        json.key("net").string(lots_text(one.net()));
        json.key("long").string(lots_text(one.bought));
        json.key("short").string(lots_text(one.sold));
        json.key("against_each_other").boolean(one.opposite());
        names("accounts", one.accounts);
        names("not_known", one.unknown);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    out += "\n";
}

}  // namespace bullpen::ctl
