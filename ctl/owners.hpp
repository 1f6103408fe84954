// Owners: what the accounts of one owner hold together of each product, micros as their part of the
// big contract; of shares, in rupees by symbol. From the status board, and for shares from what
// each account's worker shows of them. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/holdings_view.hpp"
#include "ctl/status_code.hpp"
#include "ctl/table.hpp"

namespace bullpen::ctl {

struct OwnedProduct {
    std::string owner;
    std::string_view policy;  // allow, flag, refuse
    std::string product;      // "ES"; empty: nothing is known of what its accounts trade
    bool shares = false;      // rupees, not contracts
    // Thousandths of the big contract, or of a rupee.
    std::int64_t bought = 0;            // held long
    std::int64_t sold = 0;              // held short, above zero
    std::vector<std::string> accounts;  // that hold some of it, or trade it
    std::vector<std::string> unknown;   // that do not say what they hold
    [[nodiscard]] std::int64_t net() const { return bought - sold; }
    [[nodiscard]] bool opposite() const { return bought != 0 && sold != 0; }
};

// By owner, then by product. Accounts without an owner are left out.
std::vector<OwnedProduct> owners_of(std::span<const ChosenRow> rows, const HeldShares& shares = {});
// What the owned accounts among them show of their shares.
HeldShares shares_of(const Home& home, std::span<const ChosenRow> rows);

// "0.2", "-1", "0".
std::string lots_text(std::int64_t thousandths);

Table owners_table(std::span<const OwnedProduct> owned);
// The object of `status --owners --json`, with a newline.
void append_owners_json(std::string& out, std::span<const OwnedProduct> owned);

}  // namespace bullpen::ctl
