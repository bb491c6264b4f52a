// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The DID registry of Sabai: the interface and events of ERC-1056, read by any did:ethr resolver.
/// @notice An identity is an address. It owns itself until it names another owner; the owner publishes keys.
/// @dev Where this contract is stricter than the ERC's reference implementation:
///      1. An identity whose owner became 0x0 is deactivated for good: nobody can write for it again.
///      2. An owner that was replaced can't write again, whatever becomes of the later owners (unless one of them
///         hands the identity back in so many words).
///      3. The identity 0x0 belongs to nobody, and a signature that recovers to 0x0 is no signature.
///      4. What an owner signs for others to send is typed data (EIP-712), bound to this chain and this contract.
///      What the contract enforces is what a resolver reads from its events: a delegate is valid up to and including
///      the second `validTo`, not at all once revoked, and never for a deactivated identity.
contract DidRegistry {
    /// One storage slot. Without `changed` the identity is its own owner, so that 0x0 can mean "nobody".
    struct Ownership {
        address owner;
        bool changed;
    }

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant DOMAIN_NAME = keccak256("DidRegistry");
    bytes32 private constant DOMAIN_VERSION = keccak256("1");
    bytes32 private constant CHANGE_OWNER_TYPE =
        keccak256("ChangeOwner(address identity,address newOwner,uint256 nonce)");
    bytes32 private constant ADD_DELEGATE_TYPE =
        keccak256("AddDelegate(address identity,bytes32 delegateType,address delegate,uint256 validity,uint256 nonce)");
    bytes32 private constant REVOKE_DELEGATE_TYPE =
        keccak256("RevokeDelegate(address identity,bytes32 delegateType,address delegate,uint256 nonce)");
    bytes32 private constant SET_ATTRIBUTE_TYPE =
        keccak256("SetAttribute(address identity,bytes32 name,bytes value,uint256 validity,uint256 nonce)");
    bytes32 private constant REVOKE_ATTRIBUTE_TYPE =
        keccak256("RevokeAttribute(address identity,bytes32 name,bytes value,uint256 nonce)");

    mapping(address => Ownership) private ownerships;

    /// Until when a delegate is valid, by identity, keccak256 of the delegate's type, and delegate.
    mapping(address => mapping(bytes32 => mapping(address => uint256))) public delegates;
    /// The block of an identity's newest event; 0 where there is none.
    mapping(address => uint256) public changed;
    /// How many signed messages of an owner were used.
    mapping(address => uint256) public nonce;

    event DIDOwnerChanged(address indexed identity, address owner, uint256 previousChange);
    event DIDDelegateChanged(
        address indexed identity, bytes32 delegateType, address delegate, uint256 validTo, uint256 previousChange
    );
    event DIDAttributeChanged(
        address indexed identity, bytes32 name, bytes value, uint256 validTo, uint256 previousChange
    );

    modifier onlyOwner(address identity) {
        address owner = identityOwner(identity);
        require(owner != address(0) && msg.sender == owner, "bad_actor");
        _;
    }

    /// The owner that was set for an identity; 0x0 where none was, or where the identity is deactivated.
    function owners(address identity) external view returns (address) {
        return ownerships[identity].owner;
    }

    /// Who may write for an identity; 0x0 where nobody may.
    function identityOwner(address identity) public view returns (address) {
        Ownership storage ownership = ownerships[identity];
        return ownership.changed ? ownership.owner : identity;
    }

    function validDelegate(address identity, bytes32 delegateType, address delegate) external view returns (bool) {
        if (identityOwner(identity) == address(0)) {
            return false;
        }
        return delegates[identity][keccak256(abi.encode(delegateType))][delegate] >= block.timestamp;
    }

    /// Hands the identity over; to 0x0 it is deactivated for good.
    function changeOwner(address identity, address newOwner) external onlyOwner(identity) {
        _changeOwner(identity, newOwner);
    }

    function changeOwnerSigned(address identity, uint8 sigV, bytes32 sigR, bytes32 sigS, address newOwner) external {
        bytes32 message = keccak256(abi.encode(CHANGE_OWNER_TYPE, identity, newOwner, _ownerNonce(identity)));
        _useSignature(identity, sigV, sigR, sigS, message);
        _changeOwner(identity, newOwner);
    }

    /// @param validity seconds from now on
    function addDelegate(address identity, bytes32 delegateType, address delegate, uint256 validity)
        external
        onlyOwner(identity)
    {
        _setDelegate(identity, delegateType, delegate, block.timestamp + validity);
    }

    function addDelegateSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 delegateType,
        address delegate,
        uint256 validity
    ) external {
        bytes32 message = keccak256(
            abi.encode(ADD_DELEGATE_TYPE, identity, delegateType, delegate, validity, _ownerNonce(identity))
        );
        _useSignature(identity, sigV, sigR, sigS, message);
        _setDelegate(identity, delegateType, delegate, block.timestamp + validity);
    }

    function revokeDelegate(address identity, bytes32 delegateType, address delegate) external onlyOwner(identity) {
        _setDelegate(identity, delegateType, delegate, 0);
    }

    function revokeDelegateSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 delegateType,
        address delegate
    ) external {
        bytes32 message =
            keccak256(abi.encode(REVOKE_DELEGATE_TYPE, identity, delegateType, delegate, _ownerNonce(identity)));
        _useSignature(identity, sigV, sigR, sigS, message);
        _setDelegate(identity, delegateType, delegate, 0);
    }

    /// @param validity seconds from now on
    function setAttribute(address identity, bytes32 name, bytes calldata value, uint256 validity)
        external
        onlyOwner(identity)
    {
        _setAttribute(identity, name, value, block.timestamp + validity);
    }

    function setAttributeSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 name,
        bytes calldata value,
        uint256 validity
    ) external {
        bytes32 message = keccak256(
            abi.encode(SET_ATTRIBUTE_TYPE, identity, name, keccak256(value), validity, _ownerNonce(identity))
        );
        _useSignature(identity, sigV, sigR, sigS, message);
        _setAttribute(identity, name, value, block.timestamp + validity);
    }

    function revokeAttribute(address identity, bytes32 name, bytes calldata value) external onlyOwner(identity) {
        _setAttribute(identity, name, value, 0);
    }

    function revokeAttributeSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 name,
        bytes calldata value
    ) external {
        bytes32 message =
            keccak256(abi.encode(REVOKE_ATTRIBUTE_TYPE, identity, name, keccak256(value), _ownerNonce(identity)));
        _useSignature(identity, sigV, sigR, sigS, message);
        _setAttribute(identity, name, value, 0);
    }

    function _changeOwner(address identity, address newOwner) private {
        ownerships[identity] = Ownership(newOwner, true);
        emit DIDOwnerChanged(identity, newOwner, changed[identity]);
        changed[identity] = block.number;
    }

    function _setDelegate(address identity, bytes32 delegateType, address delegate, uint256 validTo) private {
        delegates[identity][keccak256(abi.encode(delegateType))][delegate] = validTo;
        emit DIDDelegateChanged(identity, delegateType, delegate, validTo, changed[identity]);
        changed[identity] = block.number;
    }

    function _setAttribute(address identity, bytes32 name, bytes calldata value, uint256 validTo) private {
        emit DIDAttributeChanged(identity, name, value, validTo, changed[identity]);
        changed[identity] = block.number;
    }

    function _ownerNonce(address identity) private view returns (uint256) {
        return nonce[identityOwner(identity)];
    }

    /// Reverts unless the identity's owner signed the message (an EIP-712 struct hash); the message is then used up.
    function _useSignature(address identity, uint8 sigV, bytes32 sigR, bytes32 sigS, bytes32 message) private {
        bytes32 domain =
            keccak256(abi.encode(DOMAIN_TYPE, DOMAIN_NAME, DOMAIN_VERSION, block.chainid, address(this)));
        address signer = ecrecover(keccak256(abi.encodePacked(hex"1901", domain, message)), sigV, sigR, sigS);
        require(signer != address(0) && signer == identityOwner(identity), "bad_signature");
        nonce[signer]++;
    }
}
