// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The few cheat codes of forge that the tests use.
interface Vm {
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function assume(bool condition) external;
    function expectRevert() external;
    function expectRevert(bytes calldata reason) external;
}

/// What every test has at hand.
abstract contract Cheats {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 internal constant NOW = 1_790_000_000;

    /// A number from `low` to `high`, both included.
    function _within(uint256 number, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + number % (high - low + 1);
    }

    function _expect(string memory reason) internal {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", reason));
    }

    function _alone(address member) internal pure returns (address[] memory members) {
        members = new address[](1);
        members[0] = member;
    }
}
