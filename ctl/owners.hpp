// Owners: what the accounts of one owner hold together of each product, micros as their part of the
// big contract. From the status board alone. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/status_code.hpp"
#include "ctl/table.hpp"

namespace bullpen::ctl {

struct OwnedProduct {
    std::string owner;
    std::string_view policy;  // allow, flag, refuse
    std::string product;      // "ES"; empty: nothing is known of what its accounts trade
    // Thousandths of the big contract.
    std::int64_t bought = 0;            // held long
    std::int64_t sold = 0;              // held short, above zero
    std::vector<std::string> accounts;  // that hold some of it, or trade it
    std::vector<std::string> unknown;   // that do not say what they hold
    [[nodiscard]] std::int64_t net() const { return bought - sold; }
    [[nodiscard]] bool opposite() const { return bought != 0 && sold != 0; }
};

// By owner, then by product. Accounts without an owner are left out.
std::vector<OwnedProduct> owners_of(std::span<const ChosenRow> rows);

// "0.2", "-1", "0".
std::string lots_text(std::int64_t thousandths);

Table owners_table(std::span<const OwnedProduct> owned);
// The object of `status --owners --json`, with a newline.
void append_owners_json(std::string& out, std::span<const OwnedProduct> owned);

}  // namespace bullpen::ctl
