#include "ctl/owners.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <nlohmann/json.hpp>

using namespace bullpen;
using namespace bullpen::ctl;

namespace {

class Owned {
  public:
    ipc::BoardSlot& add(const char* account, const char* owner, const char* product,
                        std::int64_t quantity, std::int64_t per_lot) {
        auto& slot = slots_.emplace_back();
        slot.account = account;
        slot.owner = owner;
        slot.product = product;
        slot.quantity = quantity;
        slot.quantity_known = 1;
        slot.flat = quantity == 0 ? 1 : 0;
        slot.per_lot = per_lot;
        slot.opposite = 2;
        auto& row = rows_.emplace_back();
        row.slot = &slot;
        chosen_.push_back({&row, false});
        return slot;
    }
    [[nodiscard]] std::vector<OwnedProduct> owned(const HeldShares& shares = {}) const {
        return owners_of(chosen_, shares);
    }

  private:
    std::deque<ipc::BoardSlot> slots_;
    std::deque<AccountRow> rows_;
    std::vector<ChosenRow> chosen_;
};

}  // namespace

TEST_CASE("an owner's accounts are summed by product, micros as their part of the big contract") {
    Owned fleet;
    fleet.add("a", "jane", "ES", 2, 1);
    fleet.add("b", "jane", "ES", 5, 10);
    fleet.add("c", "jane", "CL", -1, 1);
    fleet.add("d", "john", "ES", -3, 10);
    fleet.add("e", "", "ES", 7, 1);
    const auto owned = fleet.owned();
    REQUIRE(owned.size() == 3);
    CHECK(owned[0].product == "CL");
    CHECK(lots_text(owned[0].net()) == "-1");
    CHECK(owned[1].owner == "jane");
    CHECK(lots_text(owned[1].net()) == "2.5");
    CHECK_FALSE(owned[1].opposite());
    CHECK(owned[1].accounts == std::vector<std::string>{"a", "b"});
    CHECK(owned[1].policy == "refuse");
    CHECK(lots_text(owned[2].net()) == "-0.3");
}

TEST_CASE("positions against each other are seen although they cancel out") {
    Owned fleet;
    fleet.add("a", "jane", "ES", 1, 1);
    fleet.add("b", "jane", "ES", -10, 10);
    const auto owned = fleet.owned();
    REQUIRE(owned.size() == 1);
    CHECK(owned[0].net() == 0);
    CHECK(owned[0].opposite());
    CHECK(lots_text(owned[0].bought) == "1");
    CHECK(lots_text(owned[0].sold) == "1");
}

TEST_CASE("who does not say what it holds is named, and who holds nothing is not in doubt") {
    Owned fleet;
    fleet.add("a", "jane", "ES", 0, 1).quantity_known = 0;
    fleet.add("b", "jane", "", 0, 1);           // observes, and says that it is flat
    fleet.add("c", "jane", "", 0, 1).flat = 0;  // says nothing
    const auto owned = fleet.owned();
    REQUIRE(owned.size() == 2);
    CHECK(owned[0].unknown == std::vector<std::string>{"c"});
    CHECK(owned[0].accounts == std::vector<std::string>{"b"});
    CHECK(owned[1].unknown == std::vector<std::string>{"a"});
}

TEST_CASE("shares are summed by symbol, in rupees, and apart from contracts of the same name") {
    Owned fleet;
    fleet.add("a", "jane", "", 30, 1).flat = 0;
    fleet.add("b", "jane", "", 5, 1);
    fleet.add("c", "jane", "ES", 1, 1);
    fleet.add("d", "jane", "", 0, 1);                     // holds nothing by now
    fleet.add("e", "jane", "", 7, 1).quantity_known = 0;  // its broker does not answer
    const HeldShares shares = {{"a", {{"INFY", 1'234'505}, {"ES", 200}}},
                               {"b", {{"INFY", -234'505}}},
                               {"c", {{"INFY", 999}}},  // of the days when it traded shares
                               {"d", {}},
                               {"e", {{"INFY", 999}}}};
    const auto owned = fleet.owned(shares);
    REQUIRE(owned.size() == 4);
    CHECK(owned[0].product.empty());
    CHECK(owned[0].accounts == std::vector<std::string>{"d"});
    CHECK(owned[0].unknown == std::vector<std::string>{"e"});
    CHECK(owned[1].product == "ES");
    CHECK_FALSE(owned[1].shares);
    CHECK(lots_text(owned[1].net()) == "1");
    CHECK(owned[2].product == "ES");
    CHECK(owned[2].shares);
    CHECK(lots_text(owned[2].net()) == "2");
    CHECK(owned[3].product == "INFY");
    CHECK(lots_text(owned[3].net()) == "10000");
    CHECK(lots_text(owned[3].bought) == "12345.05");
    CHECK(owned[3].opposite());
    CHECK(owned[3].accounts == std::vector<std::string>{"a", "b"});
    std::string text;
    append_owners_json(text, owned);
    CHECK(nlohmann::json::parse(text)["owners"][3]["unit"] == "INR");
    CHECK(owners_table(owned).render(0, false).find("12345.05 INR") != std::string::npos);
}

TEST_CASE("holdings that cannot be read are none") {
    const auto held = parse_holdings(
        R"({"version":1,"shares":[{"symbol":"A","quantity":2,"intraday":-3,"own":2,"last":150}]})");
    REQUIRE(held);
    REQUIRE(held->size() == 1);
    CHECK(held->front().paise == -150);
    for (const char* text : {"", "[]", "{}", R"({"shares":[{"symbol":"A"}]})",
                             R"({"shares":[{"symbol":"A","quantity":-1,"last":5}]})"})
        CHECK_FALSE(parse_holdings(text));
}

TEST_CASE("amounts of lots are decimals without a needless digit") {
    CHECK(lots_text(0) == "0");
    CHECK(lots_text(1000) == "1");
    CHECK(lots_text(-200) == "-0.2");
    CHECK(lots_text(12'345) == "12.345");
    CHECK(lots_text(-10'050) == "-10.05");
}

TEST_CASE("owners are printed as one object, and as a table") {
    Owned fleet;
    fleet.add("a", "Jane \"J\" Doe", "ES", 1, 1);
    fleet.add("b", "Jane \"J\" Doe", "ES", -1, 10);
    std::string text;
    append_owners_json(text, fleet.owned());
    const auto read = nlohmann::json::parse(text);
    REQUIRE(read["owners"].size() == 1);
    const auto& one = read["owners"][0];
    CHECK(one["owner"] == "Jane \"J\" Doe");
    CHECK(one["net"] == "0.9");
    CHECK(one["against_each_other"] == true);
    CHECK(one["accounts"] == nlohmann::json::array({"a", "b"}));
    CHECK(one["not_known"].empty());
    const auto table = owners_table(fleet.owned()).render(0, false);
    CHECK(table.find("0.9") != std::string::npos);
    CHECK(table.find("a b") != std::string::npos);
}
